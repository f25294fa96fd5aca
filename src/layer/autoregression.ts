import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { Numbers } from '../types.js';
import type { Layer, LayerTape, TapeContext } from './layer.js';

/** How far `autoregression` looks back and ahead. */
export interface AutoregressionOptions {
  /** Numbers per step: the columns of the series. */
  readonly inputSize: number;
  /** Steps before the last that are looked at. */
  readonly steps: number;
  /** Steps ahead that are predicted, all at once; 1 by default. */
  readonly horizon?: number;
  /** Whether all columns have one map; by default each has its own. */
  readonly shared?: boolean;
}

/**
 * A linear map of the last steps of a series to its next ones, column by column, relative to the last value: what a
 * forecast should beat, and what `sequential` can run beside a network (`skip`).
 *
 * Of column d at step t, the output for h steps ahead is `x[t] + b[h] + Σ_k w[h][k] (x[t−k] − x[t])` over k from 1 to `steps`;
 * outputs are laid out as the targets of `seriesWindows`: all columns of the first step ahead, then those of the second.
 * Zeros at first, which predict that everything stays as it is; `leastSquares` finds the best ones.
 *
 * Parameters: `weight` (horizon, steps) and `bias` (horizon); without `shared`, those of each column one after another,
 * (columns · horizon, steps). State: `past`, the last rows of each lane, the oldest first; steps where the mask is 0 are
 * passed over and give zeros. The linear part of Lai et al., Modeling Long- and Short-Term Temporal Patterns with Deep
 * Neural Networks, 2018; less the last value: Zeng et al., Are Transformers Effective for Time Series Forecasting?, 2023. A
 * RangeError for sizes that are not positive integers.
 *
 * ```ts
 * import { autoregression, sequential } from 'rxrnn';
 *
 * const model = sequential({ linear: autoregression({ inputSize: 1, steps: 1 }) });
 * model.weights.tensors.get('linear.weight')!.data[0] = -1; // goes on as it went: x + (x − x before)
 * model.kernel.weightsChanged();
 * const { state } = model.step(Float32Array.of(3), model.zeroState());
 * console.log(model.step(Float32Array.of(5), state).output.data); // -> Float32Array(1) [ 7 ]
 * ```
 */
export function autoregression(options: AutoregressionOptions): Layer {
  options = checkOptions('autoregression', options, {
    inputSize: positiveInteger,
    steps: positiveInteger,
    horizon: optional(positiveInteger),
    shared: optional(flag),
  });
  const { inputSize, steps, horizon = 1, shared = false } = options;
  const maps = shared ? 1 : inputSize;
  const initialise = (data: Numbers): void => void data.fill(0);
  return {
    kind: 'autoregression',
    inputSize,
    outputSize: horizon * inputSize,
    takes: 'features',
    parameters: [
      { name: 'weight', shape: [maps * horizon, steps], initialise },
      { name: 'bias', shape: [maps * horizon], initialise },
    ],
    state: { past: [steps, inputSize] },
    options: { inputSize, steps, horizon, shared },
    tape: (context) => autoregressionTape(context, { columns: inputSize, back: steps, horizon, shared }),
  };
}

interface Sizes {
  readonly columns: number;
  /** Steps looked back. */
  readonly back: number;
  readonly horizon: number;
  readonly shared: boolean;
}

/**
 * The products are those of one matrix per map: their rows are the differences `x[t−k] − x[t]` of a column, for every step
 * and lane, one column after another.
 */
function autoregressionTape(
  { kernel, weights, steps: capacity, lanes, allocate }: TapeContext,
  { columns, back, horizon, shared }: Sizes,
): LayerTape {
  const most = capacity * lanes;
  const output = allocate(most * horizon * columns);
  const past = allocate(back * lanes * columns);
  const differences = allocate(columns * most * back);
  const products = allocate(columns * most * horizon);
  const history = allocate(lanes * (back + capacity) * columns); // of each lane, the past first
  const places = new Int32Array(most); // of each step in its lane's history; −1 where the step is not there
  const maps = Array.from({ length: shared ? 1 : columns }, (_, map) => ({
    matrix: kernel.matrix(part(weights['weight']!, map, horizon * back), back, horizon),
    bias: part(weights['bias']!, map, horizon),
  }));

  /** The rows of one map: those of its column, or of all columns. */
  const rowsOf = (rows: number): number => (shared ? columns * rows : rows);
  const historyAt = (lane: number, place: number): number => (lane * (back + capacity) + place) * columns;

  /** Copies the past and the input to the history of each lane, and leaves the new past. */
  function remember(input: Numbers, steps: number, mask: Uint8Array | undefined): void {
    for (let lane = 0; lane < lanes; lane++) {
      for (let k = 0; k < back; k++) copyRow(history, historyAt(lane, k), past, (k * lanes + lane) * columns, columns);
      let end = back;
      for (let t = 0; t < steps; t++) {
        const r = t * lanes + lane;
        places[r] = mask?.[r] === 0 ? -1 : end;
        if (places[r] >= 0) copyRow(history, historyAt(lane, end++), input, r * columns, columns);
      }
      for (let k = 0; k < back; k++) {
        copyRow(past, (k * lanes + lane) * columns, history, historyAt(lane, end - back + k), columns);
      }
    }
  }

  return {
    output,
    state: { past },
    forward(input, steps, { mask } = {}) {
      const rows = steps * lanes;
      remember(input as Numbers, steps, mask);
      for (let d = 0; d < columns; d++) {
        for (let r = 0; r < rows; r++) {
          const at = (d * rows + r) * back;
          const place = places[r]!;
          const from = historyAt(r % lanes, place) + d;
          const last = place < 0 ? 0 : history[from]!;
          for (let k = 1; k <= back; k++) differences[at + k - 1] = place < 0 ? 0 : history[from - k * columns]! - last;
        }
      }
      for (const [map, { matrix, bias }] of maps.entries()) {
        const y = part(products, map, rows * horizon, rowsOf(rows) * horizon);
        kernel.setRows(y, bias, rowsOf(rows), horizon);
        matrix.multiply(y, part(differences, map, rows * back, rowsOf(rows) * back), rowsOf(rows));
      }
      for (let r = 0; r < rows; r++) {
        for (let d = 0; d < columns; d++) {
          const last = (input as Numbers)[r * columns + d]!;
          for (let h = 0; h < horizon; h++) {
            const product = products[(d * rows + r) * horizon + h]!;
            output[(r * horizon + h) * columns + d] = places[r]! < 0 ? 0 : last + product;
          }
        }
      }
    },
    differentiate({ gradients, outputGradient }) {
      const pastGradient = allocate(back * lanes * columns);
      const historyGradient = allocate(history.length);
      const differencesGradient = allocate(differences.length);
      return {
        stateGradient: { past: pastGradient },
        backward(_, inputGradient, steps) {
          const rows = steps * lanes;
          for (let d = 0; d < columns; d++) {
            for (let r = 0; r < rows; r++) {
              for (let h = 0; h < horizon; h++) {
                const upstream = places[r]! < 0 ? 0 : outputGradient[(r * horizon + h) * columns + d]!;
                products[(d * rows + r) * horizon + h] = upstream; // has served the forward pass
              }
            }
          }
          kernel.zero(differencesGradient, columns * rows * back);
          for (const [map, { matrix }] of maps.entries()) {
            const dy = part(products, map, rows * horizon, rowsOf(rows) * horizon);
            const x = part(differences, map, rows * back, rowsOf(rows) * back);
            kernel.sumRows(part(gradients['bias']!, map, horizon), dy, rowsOf(rows), horizon);
            kernel.outer(part(gradients['weight']!, map, horizon * back), dy, x, rowsOf(rows), back, horizon);
            matrix.multiplyBack(part(differencesGradient, map, rows * back, rowsOf(rows) * back), dy, rowsOf(rows));
          }
          goBack(rows, steps, inputGradient);
        },
      };

      /** From the gradients at the differences and outputs to those at the input and at the past. */
      function goBack(rows: number, steps: number, inputGradient: Numbers | undefined): void {
        kernel.zero(historyGradient, historyGradient.length);
        for (let lane = 0; lane < lanes; lane++) {
          let end = back;
          for (let t = 0; t < steps; t++) if (places[t * lanes + lane]! >= 0) end++;
          for (let k = 0; k < back; k++) {
            const at = historyAt(lane, end - back + k);
            copyRow(historyGradient, at, pastGradient, (k * lanes + lane) * columns, columns);
          }
        }
        for (let d = 0; d < columns; d++) {
          for (let r = 0; r < rows; r++) {
            if (places[r]! < 0) continue;
            const own = historyAt(r % lanes, places[r]!) + d;
            const at = (d * rows + r) * back;
            let sum = 0;
            for (let h = 0; h < horizon; h++) sum += products[(d * rows + r) * horizon + h]!;
            for (let k = 1; k <= back; k++) {
              const gradient = differencesGradient[at + k - 1]!;
              historyGradient[own - k * columns]! += gradient;
              sum -= gradient;
            }
            historyGradient[own]! += sum;
          }
        }
        for (let lane = 0; lane < lanes; lane++) {
          for (let k = 0; k < back; k++) {
            copyRow(pastGradient, (k * lanes + lane) * columns, historyGradient, historyAt(lane, k), columns);
          }
        }
        if (!inputGradient) return;
        for (let r = 0; r < rows; r++) {
          if (places[r]! < 0) continue;
          const at = historyAt(r % lanes, places[r]!);
          for (let d = 0; d < columns; d++) inputGradient[r * columns + d]! += historyGradient[at + d]!;
        }
      }
    },
  };
}

/** The numbers of one map among those of all. */
function part(numbers: Numbers, map: number, stride: number, length: number = stride): Numbers {
  return numbers.subarray(map * stride, map * stride + length);
}

function copyRow(to: Numbers, toAt: number, from: Numbers, fromAt: number, width: number): void {
  for (let i = 0; i < width; i++) to[toAt + i] = from[fromAt + i]!;
}
