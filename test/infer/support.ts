import { gru } from '../../src/layer/gru.js';
import type { Layer } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { rnn } from '../../src/layer/rnn.js';
import { seq2seq, type Seq2seq } from '../../src/model/seq2seq.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import type { Dtype, Token } from '../../src/types.js';

export const START = 0;
const SIZE = 4;
export const source: Int32Array = Int32Array.of(2, 3, 1);

export const layers: Readonly<Record<string, () => Layer>> = {
  rnn: () => rnn({ inputSize: SIZE, hiddenSize: 5 }),
  'lstm of two layers': () => lstm({ inputSize: SIZE, hiddenSize: 5, numLayers: 2 }),
  gru: () => gru({ inputSize: SIZE, hiddenSize: 5 }),
};

/** A model of four tokens with large random weights, so that its answers differ from step to step. */
export function make(layer: () => Layer, seed: number, dtype: Dtype = 'float64'): Seq2seq {
  const fc = linear({ inputSize: 5, outputSize: SIZE });
  const model = seq2seq({ encoder: layer(), decoder: layer(), fc }, { dtype });
  const random = numpyRandom(seed);
  for (const { data } of model.weights.tensors.values())
    for (let i = 0; i < data.length; i++) data[i] = random.normal();
  return model;
}

/** A model whose logits are the same at every step: the readout's bias. */
export function constant(logits: readonly number[]): Seq2seq {
  const model = make(layers['rnn']!, 1);
  model.weights.tensors.get('fc.weight')!.data.fill(0);
  model.weights.tensors.get('fc.bias')!.data.set(logits);
  return model;
}

/** ln p of a target, token by token in a lane of its own, by the engine's mathematics. */
export function logProbabilityOf(model: Seq2seq, tokens: readonly Token[]): number {
  let state = model.encode(source);
  let input = START;
  let sum = 0;
  for (const token of tokens) {
    const next = model.step(input, state);
    const logits = Array.from(next.output.data);
    const largest = Math.max(...logits);
    sum += logits[token]! - largest - Math.log(logits.reduce((total, x) => total + Math.exp(x - largest), 0));
    input = token;
    state = next.state;
  }
  return sum;
}

/** Every target that stops after `end` or at `maxTokens`. */
export function targets(end: Token | undefined, maxTokens: number, prefix: readonly Token[] = []): Token[][] {
  if (prefix.length === maxTokens || (prefix.length > 0 && prefix.at(-1) === end)) return [[...prefix]];
  return Array.from({ length: SIZE }, (_, token) => targets(end, maxTokens, [...prefix, token])).flat();
}
