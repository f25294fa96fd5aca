import { finite } from '../check/finite.js';
import { options as checkOptions } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Numbers } from '../types.js';
import { embeddingTable } from './embeddingTable.js';
import type { Layer, LayerInput, Parameter } from './layer.js';

/** The sizes of `ngramEmbedding`. */
export interface NgramEmbeddingOptions {
  /** Tokens: rows of the first table. */
  readonly inputSize: number;
  /** Numbers that a token and those before it become: columns of the tables. */
  readonly outputSize: number;
  /** Tokens of the longest n-gram, from 1 to 8; 2 by default: pairs. */
  readonly order?: number | undefined;
  /** The most rows of a table; n-grams of which there are more share rows by a hash. 16384 by default. */
  readonly buckets?: number | undefined;
  /** The first table is uniform in ±bound at first; standard normal without it. The others are zeros. */
  readonly bound?: number | undefined;
}

/**
 * An embedding of each token and of the tokens before it: the sum of the token's row, of the row of the pair that it ends,
 * and so on up to n-grams of `order`, each from a learned table of its own.
 *
 * ```
 *   y[t] = weight[x[t]] + pairs[x[t−1], x[t]] + triples[x[t−2], x[t−1], x[t]] + …
 * ```
 *
 * Tables cost gathers, hardly a multiplication, and save a recurrent layer after them from finding out which tokens stood
 * together. They know nothing before the beginning of a stream, which counts as a token of its own. Takes tokens; −1
 * becomes zeros, and counts as a beginning for those after it. Parameters: `weight` (inputSize, outputSize), standard
 * normal at first as of `embedding` or within `bound`, and for n from 2 up `weight_n` (rows, outputSize), zeros at first;
 * rows are all n-grams, `(inputSize + 1)^(n − 1) · inputSize`, or `buckets` where that is less. State: `before`, `[1,
 * lanes, order − 1]`, the last tokens plus 1, the latest first, 0 before the beginning; it has no gradient.
 *
 * Hash embeddings: Tito Svenstrup et al., 2017; of n-grams: Bojanowski et al., 2017. A RangeError for sizes out of range
 * and, when it runs, for a state that does not hold tokens; a TypeError for features.
 *
 * ```ts
 * import { linear, lstm, ngramEmbedding, sequential } from 'rxrnn';
 *
 * const model = sequential({
 *   embedding: ngramEmbedding({ inputSize: 65, outputSize: 16 }),
 *   lstm: lstm({ inputSize: 16, hiddenSize: 32 }),
 *   linear: linear({ inputSize: 32, outputSize: 65 }),
 * });
 * const { state } = model.step(7, model.zeroState());
 * console.log(state.get('embedding.before')!.data); // -> Float32Array(1) [ 8 ]
 * ```
 */
export function ngramEmbedding(options: NgramEmbeddingOptions): Layer {
  options = checkOptions('ngramEmbedding', options, {
    inputSize: positiveInteger,
    outputSize: positiveInteger,
    order: optional(wholeNumber(1, 8)),
    buckets: optional(positiveInteger),
    bound: optional(finite(0)),
  });
  const { inputSize, outputSize, order = 2, buckets = 16_384, bound } = options;
  const kept = order - 1; // tokens before this one that count
  const first = bound === undefined ? embeddingTable(inputSize, outputSize, undefined).parameter : uniformTable(bound);
  const rows: number[] = []; // n-grams of 2, 3, … tokens
  for (let count = inputSize; rows.length < kept; rows.push(count)) count *= inputSize + 1;
  const tables = rows.map((count, i): Parameter => ({
    name: `weight_${i + 2}`,
    shape: [Math.min(count, buckets), outputSize],
    initialise: (data) => void data.fill(0),
  }));

  function uniformTable(bound: number): Parameter {
    return {
      name: 'weight',
      shape: [inputSize, outputSize],
      initialise(data, random) {
        for (let i = 0; i < data.length; i++) data[i] = random.uniform(-bound, bound);
      },
    };
  }

  return {
    kind: 'ngramEmbedding',
    inputSize,
    outputSize,
    takes: 'tokens',
    parameters: [first, ...tables],
    state: kept > 0 ? { before: [1, kept] } : {},
    options: { inputSize, outputSize, order, buckets, ...(bound !== undefined && { bound }) },
    tape({ kernel, weights, steps: capacity, lanes, allocate }) {
      const output = allocate(capacity * lanes * outputSize);
      const part = allocate(capacity * lanes * outputSize); // of one table
      const before = allocate(lanes * kept);
      const state = kept > 0 ? { before } : {};
      const indices = tables.map(() => new Int32Array(capacity * lanes)); // rows of the last forward pass

      /** Looks up the rows of a lane's n-grams, and moves its state on. */
      function index(tokens: Int32Array, steps: number, lane: number, mask: Uint8Array | undefined): void {
        const last = before.subarray(lane * kept, (lane + 1) * kept);
        checkSessionState(last, inputSize);
        for (let t = 0; t < steps; t++) {
          const at = t * lanes + lane;
          const token = tokens[at]!;
          let [key, hash] = [token, Math.imul(token + 1, 0x9e3779b1)];
          let stride = inputSize;
          for (let n = 0; n < kept; n++) {
            key += last[n]! * stride;
            stride *= inputSize + 1;
            hash = Math.imul(hash ^ (hash >>> 15) ^ last[n]!, 0x85ebca6b);
            indices[n]![at] = token < 0 ? -1 : rows[n]! <= buckets ? key : ((hash ^ (hash >>> 13)) >>> 0) % buckets;
          }
          if (mask?.[at] === 0) continue; // padding: the stream stands still
          last.copyWithin(1, 0);
          last[0] = token + 1;
        }
      }

      return {
        output,
        state,
        forward(input, steps, { mask } = {}) {
          const tokens = tokensOf(input);
          const length = steps * lanes * outputSize;
          if (kept > 0) for (let lane = 0; lane < lanes; lane++) index(tokens, steps, lane, mask);
          kernel.gather(output, tokens, weights['weight']!, steps * lanes, outputSize);
          for (const [i, { name }] of tables.entries()) {
            kernel.gather(part, indices[i]!, weights[name]!, steps * lanes, outputSize);
            kernel.accumulate(output, part, length);
          }
        },
        differentiate({ gradients, outputGradient }) {
          const dBefore = allocate(lanes * kept);
          return {
            stateGradient: kept > 0 ? { before: dBefore } : {},
            backward(input, _inputGradient, steps) {
              const all = steps * lanes;
              kernel.scatter(gradients['weight']!, outputGradient, tokensOf(input), all, outputSize);
              for (const [i, { name }] of tables.entries()) {
                kernel.scatter(gradients[name]!, outputGradient, indices[i]!, all, outputSize);
              }
              kernel.zero(dBefore, lanes * kept);
            },
          };
        },
      };
    },
  };
}

function checkSessionState(tokens: Numbers, most: number): void {
  for (const token of tokens) {
    if (Number.isInteger(token) && token >= 0 && token <= most) continue;
    throw new RangeError(`ngramEmbedding: the state must hold tokens plus 1, integers from 0 to ${most}, got ${token}`);
  }
}

function tokensOf(input: LayerInput): Int32Array {
  if (input instanceof Int32Array) return input;
  throw new TypeError('ngramEmbedding: takes tokens (Int32Array), got features');
}
