// An optimizer of your own: Lion as one would write it outside the library, which has it as `lion`. It moves each weight
// by the sign of a mean of gradients.
// Chen et al., Symbolic Discovery of Optimization Algorithms, 2023.
import { lastValueFrom, toArray } from 'rxjs';
import { type LearningRate, linear, lstm, optimizer, pull, sequential, trainer, windows } from 'rxrnn';

interface LionOptions {
  readonly learningRate?: LearningRate;
  readonly betas?: readonly [number, number];
  readonly weightDecay?: number;
}

const ownLion = ({ learningRate = 1e-4, betas: [beta1, beta2] = [0.9, 0.99], weightDecay = 0 }: LionOptions = {}) =>
  optimizer({
    kind: 'ownLion',
    learningRate,
    moments: { mean: 0 },
    apply({ weights, gradients, moments, learningRate }) {
      const mean = moments['mean']!;
      for (let i = 0; i < weights.length; i++) {
        const direction = Math.sign(beta1 * mean[i]! + (1 - beta1) * gradients[i]!);
        weights[i]! -= learningRate * (direction + weightDecay * weights[i]!);
        mean[i] = beta2 * mean[i]! + (1 - beta2) * gradients[i]!;
      }
    },
  });

const readout = linear({ inputSize: 8, outputSize: 4 });
const run = trainer(sequential({ lstm: lstm({ inputSize: 4, hiddenSize: 8 }), readout }), {
  optimizer: ownLion({ learningRate: 0.01 }),
});
const tokens = Array.from({ length: 601 }, (_, i) => i % 4);
const steps = await lastValueFrom(pull(tokens).pipe(windows({ steps: 10 }), run.learn, toArray()));
console.log(steps[0]!.loss > 1.2, steps.at(-1)!.loss < 0.3); // -> true true
const { kind, updates, moments } = run.state().optimizer; // what a checkpoint keeps
console.log(kind, updates, moments.has('mean.lstm.weight_hh_l0')); // -> ownLion 60 true
