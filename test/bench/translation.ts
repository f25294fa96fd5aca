import { adam, linear, pull, rnn, seq2seq, type Window } from '../../src/index.js';
import type { Job, Machinery, ModelOptions } from './job.js';
import { cycle } from './languageModel.js';
import { bareLoop, learn } from './learner.js';
import { makeText, type Translation } from './workloads.js';

/** Trains an encoder–decoder: through the operators, and without. */
export function translation(workload: Translation, machinery: Machinery): Job {
  const { vocabulary, hidden, rate } = workload;
  const layer = (): ReturnType<typeof rnn> => rnn({ inputSize: vocabulary, hiddenSize: hidden });
  const options: ModelOptions & { readonly start: number } = { start: 0, ...machinery };
  const fc = linear({ inputSize: hidden, outputSize: vocabulary });
  const model = seq2seq({ encoder: layer(), decoder: layer(), fc }, options);
  const learner = { model, optimizer: adam({ learningRate: rate }) };
  const list = reversals(workload);
  let bare: ReturnType<typeof bareLoop> | undefined;
  return {
    model,
    units: 1,
    ways: [
      ['operators', (each) => learn(learner, pull(cycle(list)), each)],
      ['bare loop', (each) => (bare ??= bareLoop(learner, list))(each)],
    ],
  };
}

/** 64 windows: a source, then the start token and the source backwards. */
function reversals({ vocabulary, steps, lanes }: Translation): Window[] {
  const half = steps * lanes;
  const text = makeText(64 * half, vocabulary);
  return Array.from({ length: 64 }, (_, i) => {
    const inputs = new Int32Array(2 * half);
    const targets = new Int32Array(2 * half);
    inputs.set(text.subarray(i * half, (i + 1) * half));
    for (let t = 0; t < steps; t++) {
      targets.set(inputs.subarray((steps - 1 - t) * lanes, (steps - t) * lanes), half + t * lanes);
    }
    inputs.set(targets.subarray(half, 2 * half - lanes), half + lanes);
    const mask = new Uint8Array(2 * half).fill(1, half);
    return { steps: 2 * steps, lanes, inputs, targets, mask, resets: new Uint8Array(lanes).fill(1) };
  });
}
