import type { Layer } from '../layer/layer.js';
import type { Model } from '../model/model.js';
import type { Tensor } from '../types.js';
import type { Gates } from './messages.js';
import type { Reading, Unit } from './readText.js';

/** The gates of each kind of cell, in torch's order of rows. */
const GATES: Readonly<Record<string, readonly string[]>> = {
  lstm: ['i', 'f', 'g', 'o'],
  gru: ['r', 'z', 'n'],
  rnn: [],
};

/**
 * Computes the gates of one unit over the last `most` tokens of a reading, from the weights and the states that were read:
 * torch's equations, with i, f, g, o, c and h of an LSTM, r, z, n and h of a GRU, and h of an RNN. Undefined for a unit of
 * another kind of layer or of one with `layerNorm`, whose gates are others, and where the layer's input is neither tokens,
 * an embedding of them, nor the layer below.
 */
export function gatesOf(
  model: Model,
  reading: Reading,
  units: readonly Unit[],
  unit: number,
  most = 200,
): Gates | undefined {
  const { state, depth, index, place } = units[unit]!;
  const name = state.replace(/\.h$/, '');
  const names = [...model.layers.keys()];
  const layer = model.layers.get(name);
  const at = names.indexOf(name);
  const below = at > 0 ? model.layers.get(names[at - 1]!) : undefined;
  const gates = layer && !layer.options['layerNorm'] ? GATES[layer.kind] : undefined;
  if (!layer || !gates || model.skip || at > 1 || (below && below.kind !== 'embedding')) return undefined;
  const { tensors } = model.weights;
  const size = hiddenSizeOf(layer);
  const weight = (what: string): Tensor | undefined => tensors.get(`${name}.${what}_l${depth}`);
  const [ih, hh, biasIh, biasHh] = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'].map(weight);
  if (!ih || !hh || size === undefined) return undefined;
  const first = place - depth * size - index; // where the layer's h begins among what is carried
  const from = Math.max(0, reading.tokens.length - most);
  const curves: Record<string, number[]> = {};
  const note = (gate: string, value: number): void => void (curves[gate] ??= []).push(value);
  const cells = first + depthsOf(layer) * size + depth * size + index; // c comes after all of h

  for (let t = from; t < reading.tokens.length; t++) {
    const input = inputAt(t);
    const before = t === 0 ? undefined : reading.states.subarray((t - 1) * reading.carried + first + depth * size);
    const sums = gates.map((_, gate) => {
      const row = gate * size + index;
      return { input: input(row) + (biasIh?.data[row] ?? 0), hidden: hiddenSum(row, before) };
    });
    const h = reading.states[t * reading.carried + place]!;
    if (layer.kind === 'lstm') {
      for (const [gate, { input, hidden }] of sums.entries())
        note(gates[gate]!, gate === 2 ? Math.tanh(input + hidden) : sigmoid(input + hidden));
      note('c', reading.states[t * reading.carried + cells]!);
    } else if (layer.kind === 'gru') {
      const r = sigmoid(sums[0]!.input + sums[0]!.hidden);
      note('r', r);
      note('z', sigmoid(sums[1]!.input + sums[1]!.hidden));
      note('n', Math.tanh(sums[2]!.input + r * sums[2]!.hidden));
    }
    note('h', h);
  }
  return { unit, from, curves };

  function hiddenSum(row: number, before: Float32Array | undefined): number {
    let sum = biasHh?.data[row] ?? 0;
    if (before) for (let i = 0; i < size!; i++) sum += hh!.data[row * size! + i]! * before[i]!;
    return sum;
  }
  /** The product of a row with the input of step t: a column for a token, else a sum. */
  function inputAt(t: number): (row: number) => number {
    const width = ih!.shape[1]!;
    const token = reading.tokens[t]!;
    if (depth === 0 && !below) return (row) => ih!.data[row * width + token]!;
    const table = below && tensors.get(`${names[at - 1]}.weight`);
    const numbers =
      depth > 0
        ? reading.states.subarray(t * reading.carried + first + (depth - 1) * size!)
        : table!.data.subarray(token * width, (token + 1) * width);
    return (row) => {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += ih!.data[row * width + i]! * numbers[i]!;
      return sum;
    };
  }
}

function hiddenSizeOf({ outputSize, bidirectional }: Layer): number | undefined {
  return bidirectional ? undefined : outputSize;
}

function depthsOf(layer: Layer): number {
  return layer.state['h']?.[0] ?? 1;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
