import { adam, linear, pull, rnn, seq2seq, type Window } from '../../src/index.js';
import type { Job, Machinery } from './job.js';
import { cycle } from './languageModel.js';
import { bareLoop, learn } from './learner.js';
import { makeText, type Translation } from './workloads.js';

/** Trains an encoder–decoder: through the operators, and without. */
export function translation(workload: Translation, machinery: Machinery): Job {
  const { vocabulary, hidden, rate } = workload;
  const layer = (): ReturnType<typeof rnn> => rnn({ inputSize: vocabulary, hiddenSize: hidden });
  const fc = linear({ inputSize: hidden, outputSize: vocabulary });
  const model = seq2seq({ encoder: layer(), decoder: layer(), fc }, machinery);
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

/** 64 windows: a source; the start token, 0, and the source backwards. */
function reversals({ vocabulary, steps, lanes }: Translation): Window[] {
  const half = steps * lanes;
  const text = makeText(64 * half, vocabulary);
  return Array.from({ length: 64 }, (_, i) => {
    const source = text.slice(i * half, (i + 1) * half);
    const inputs = new Int32Array(half);
    const targets = new Int32Array(half);
    for (let t = 0; t < steps; t++) {
      targets.set(source.subarray((steps - 1 - t) * lanes, (steps - t) * lanes), t * lanes);
    }
    inputs.set(targets.subarray(0, half - lanes), lanes);
    return { steps, lanes, source: { steps, inputs: source }, inputs, targets };
  });
}
