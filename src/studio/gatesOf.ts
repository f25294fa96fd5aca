import type { Layer } from '../layer/layer.js';
import type { Model } from '../model/model.js';
import type { Tensor } from '../types.js';
import type { Gates } from './messages.js';
import type { Reading, Unit } from './readText.js';

/** What a gate of the unit adds up at a step: of the layer's input, and of the state before, each with its bias. */
interface Sum {
  readonly input: number;
  readonly hidden: number;
}

/** A cell as it is drawn. */
interface Cell {
  /** Its states, in the order in which they are carried. */
  readonly states: readonly string[];
  /** What each curve means, in the order in which they are drawn. */
  readonly means: Readonly<Record<string, string>>;
  /** The curves but h at one step, from the sums of the gates and the unit's states before and after it. */
  at(sums: readonly Sum[], before: readonly number[], after: readonly number[], own: Own): readonly number[];
}

/** What the curves of a unit need of its layer besides. */
interface Own {
  /** Whether candidates are made positive. */
  readonly positive: boolean;
  /** The rate at which a unit of an RG-LRU decays, softplus of `a_param`. */
  readonly rate: number;
}

const H = { h: 'h is what the others see' };

/** Cells by the kind of their layer, with the gates in the order of their rows. */
const CELLS: Readonly<Record<string, Cell>> = {
  rnn: { states: ['h'], means: H, at: () => [] },
  lstm: {
    states: ['h', 'c'],
    means: {
      i: 'i lets in',
      f: 'f keeps',
      g: 'g is what could come in',
      o: 'o shows',
      c: 'c is the memory itself',
      ...H,
    },
    at: ([i, f, g, o], _, [, c]) => [sigmoid(whole(i)), sigmoid(whole(f)), Math.tanh(whole(g)), sigmoid(whole(o)), c!],
  },
  gru: {
    states: ['h'],
    means: { r: 'r lets the past in', z: 'z keeps', n: 'n is what could come in', ...H },
    at([r, z, n]) {
      const past = sigmoid(whole(r));
      return [past, sigmoid(whole(z)), Math.tanh(n!.input + past * n!.hidden)];
    },
  },
  minGru: {
    states: ['h'],
    means: { z: 'z lets in, and what it leaves is kept', n: 'n is what could come in', ...H },
    at: ([n, z], _, __, { positive }) => [sigmoid(whole(z)), candidate(whole(n), positive)],
  },
  minLstm: {
    states: ['h'],
    means: { i: 'i lets in', f: 'f keeps, with i 1 in all', n: 'n is what could come in', ...H },
    at([n, f, i], _, __, { positive }) {
      const ahead = softplus(-whole(i)) - softplus(-whole(f)); // log σ(f) − log σ(i)
      return [sigmoid(-ahead), sigmoid(ahead), candidate(whole(n), positive)];
    },
  },
  slstm: {
    states: ['h', 'c', 'n', 'm'],
    means: {
      i: 'i lets in',
      f: 'f keeps, with i 1 in all',
      z: 'z is what could come in',
      o: 'o shows',
      c: 'c is the memory itself',
      ...H,
    },
    // i and f as shares of n, and the memory as c / n: in units of their own, c, n and m mean little
    at([i, f, z, o], [, , n0, m0], [, c, n, m]) {
      const l = m0! - softplus(-whole(f)); // log σ(f) + m[t−1]
      const lets = Math.exp(whole(i) - m!) / n!;
      const keeps = (n0! * Math.exp(l - m!)) / n!;
      return [lets, keeps, Math.tanh(whole(z)), sigmoid(whole(o)), c! / n!];
    },
  },
  rgLru: {
    states: ['h', 'started'],
    means: {
      i: 'i lets in',
      r: 'r speeds up forgetting',
      a: 'a keeps',
      u: 'u is what could come in',
      ...H,
    },
    at([u, i, r], _, __, { rate }) {
      const speeds = sigmoid(whole(r));
      return [sigmoid(whole(i)), speeds, Math.exp(-8 * speeds * rate), whole(u)];
    },
  },
};

/**
 * Computes the gates of one unit over the last `most` tokens of a reading, from the weights and the states that were read:
 * i, f, g, o, c and h of an LSTM, r, z, n and h of a GRU, h of an RNN, in torch's notation; z, n and h of a minGRU, i, f,
 * n and h of a minLSTM, i, f, z, o, c / n and h of an sLSTM, i, r, a, u and h of an RG-LRU. Undefined for a unit of another
 * kind of layer or of one with `layerNorm`, whose gates are others, and where the layer's input is neither tokens, an
 * embedding of them, nor the layer below.
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
  const cell = layer && !layer.options['layerNorm'] ? CELLS[layer.kind] : undefined;
  if (!layer || !cell || model.skip || at > 1 || (below && below.kind !== 'embedding')) return undefined;
  if (layer.bidirectional) return undefined;
  const size = layer.outputSize;
  const first = place - depth * size - index; // where the layer's h begins among what is carried
  const { tensors } = model.weights;
  const weight = (what: string): Tensor | undefined => tensors.get(`${name}.${what}_l${depth}`);
  const table = below && tensors.get(`${names[at - 1]}.weight`);
  const sumsOf = layer.kind === 'rgLru' ? gatedSums(weight, size, index) : denseSums(weight, size, index);
  const own = { positive: layer.options['form'] === 'log', rate: softplus(weight('a_param')?.data[index] ?? 0) };

  const carriedAt = (t: number): Float32Array =>
    reading.states.subarray(t * reading.carried, (t + 1) * reading.carried);
  const layersStates = (t: number, depth: number): Float32Array => carriedAt(t).subarray(first + depth * size);
  const length = depthsOf(layer) * size; // of each state
  const ownStates = (t: number): number[] => cell.states.map((_, i) => carriedAt(t)[place + i * length]!);
  const inputAt = (t: number): Input => {
    const token = reading.tokens[t]!;
    if (depth > 0) return layersStates(t, depth - 1);
    if (!table) return token;
    const width = table.shape[1]!;
    return table.data.subarray(token * width, (token + 1) * width);
  };

  const from = Math.max(1, reading.tokens.length - most); // before the first token is a state that was not read
  const curves: Record<string, number[]> = Object.fromEntries(Object.keys(cell.means).map((gate) => [gate, []]));
  for (let t = from; t < reading.tokens.length; t++) {
    const after = ownStates(t);
    const values = cell.at(sumsOf(inputAt(t), layersStates(t - 1, depth)), ownStates(t - 1), after, own);
    for (const [i, curve] of Object.values(curves).entries()) curve.push(values[i] ?? after[0]!);
  }
  return { unit, from, curves, means: cell.means };
}

/** A token, or numbers. */
type Input = number | ArrayLike<number>;
type WeightOf = (what: string) => Tensor | undefined;
/** Gives the sums of a unit's gates from the input of a step and the layer's h before it. */
type SumsOf = (input: Input, before: Float32Array) => readonly Sum[];

/** A row of `weight_ih` and one of `weight_hh` for each gate; with heads a state is multiplied by the own head alone. */
function denseSums(weight: WeightOf, size: number, index: number): SumsOf {
  const [ih, hh] = [weight('weight_ih')!, weight('weight_hh')];
  const [biasIh, biasHh] = [weight('bias_ih') ?? weight('bias'), weight('bias_hh')];
  const [count, width] = [ih.shape[0]! / size, ih.shape[1]!];
  const headSize = hh?.shape.at(-1) ?? size;
  const head = Math.floor(index / headSize);
  return (input, before) =>
    Array.from({ length: count }, (_, gate) => {
      const row = gate * size + index;
      const hiddenRow = (head * count + gate) * headSize + (index % headSize);
      return {
        input: product(ih, row, width, input) + (biasIh?.data[row] ?? 0),
        hidden:
          (hh ? product(hh, hiddenRow, headSize, before.subarray(head * headSize)) : 0) + (biasHh?.data[row] ?? 0),
      };
    });
}

/** The input u of an RG-LRU, which `linear_x` makes where there is one, and the sums of its gates i and r, which see u. */
function gatedSums(weight: WeightOf, size: number, index: number): SumsOf {
  const [projection, bias] = [weight('linear_x.weight'), weight('linear_x.bias')];
  const gates = ['input_gate', 'a_gate'].map((gate) => ({ w: weight(`${gate}.w`)!, b: weight(`${gate}.b`) }));
  const headSize = gates[0]!.w.shape[1]!;
  const start = index - (index % headSize); // of the own head
  const width = projection?.shape[1] ?? size;
  const unit = (row: number, input: Input): number =>
    projection ? product(projection, row, width, input) + (bias?.data[row] ?? 0) : (input as ArrayLike<number>)[row]!;
  return (input) => {
    const u = Array.from({ length: headSize }, (_, i) => unit(start + i, input));
    const sums = gates.map(({ w, b }) => {
      let sum = b?.data[index] ?? 0;
      for (const [i, x] of u.entries()) sum += x * w.data[(start + i) * headSize + (index % headSize)]!;
      return sum;
    });
    return [u[index - start]!, ...sums].map((sum) => ({ input: sum, hidden: 0 }));
  };
}

/** The product of a row of a weight with an input: a number of the row for a token, else a sum. */
function product({ data }: Tensor, row: number, width: number, input: Input): number {
  if (typeof input === 'number') return data[row * width + input]!;
  let sum = 0;
  for (let i = 0; i < width; i++) sum += data[row * width + i]! * input[i]!;
  return sum;
}

function depthsOf(layer: Layer): number {
  return layer.state['h']?.[0] ?? 1;
}

function whole(sum: Sum | undefined): number {
  return sum!.input + sum!.hidden;
}

function candidate(x: number, positive: boolean): number {
  if (!positive) return x;
  return x >= 0 ? x + 0.5 : sigmoid(x);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
