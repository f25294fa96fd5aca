// A learning-rate schedule of your own is a function of the number of updates so far: here a linear warm-up, then decay
// with the inverse square root. Vaswani et al., Attention Is All You Need, 2017, section 5.3.
import { lastValueFrom, toArray } from 'rxjs';
import { adam, linear, pull, rnn, type Schedule, sequential, train, windows } from 'rxrnn';

const warmUp =
  ({ peak, updates }: { readonly peak: number; readonly updates: number }): Schedule =>
  (update) =>
    peak * Math.min((update + 1) / updates, Math.sqrt(updates / (update + 1)));

const model = sequential({
  rnn: rnn({ inputSize: 3, hiddenSize: 4 }),
  readout: linear({ inputSize: 4, outputSize: 3 }),
});
const optimizer = adam({ learningRate: warmUp({ peak: 0.04, updates: 4 }) });
const tokens = Array.from({ length: 161 }, (_, i) => i % 3);
const steps = await lastValueFrom(pull(tokens).pipe(windows({ steps: 10 }), train(model, { optimizer }), toArray()));
console.log(steps.map(({ learningRate }) => learningRate.toFixed(3)).join(' '));
// -> 0.010 0.020 0.030 0.040 0.036 0.033 0.030 0.028 0.027 0.025 0.024 0.023 0.022 0.021 0.021 0.020
