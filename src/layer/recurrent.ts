import { checkSize } from './checkSize.js';
import type { Gates } from './gates.js';
import type { Layer, Parameter } from './layer.js';
import { stack } from './stack.js';
import { uniform } from './uniform.js';

/** The sizes of one recurrent layer: positive integers, or a RangeError. */
export interface CellOptions {
  /** Width of the features; for tokens, the size of the vocabulary. */
  readonly inputSize: number;
  /** Numbers of the hidden state, and of the output a step. */
  readonly hiddenSize: number;
  /** Whether there are bias vectors; `true` by default. */
  readonly bias?: boolean;
}

/** The sizes of a recurrent layer, and how several are stacked. */
export interface RecurrentOptions extends CellOptions {
  /** Layers one on another; 1 by default. */
  readonly numLayers?: number;
  /**
   * The share of numbers dropped between layers while learning, in [0, 1]; 0 by default. It is drawn from the generator
   * that `unroll` or `train` is given and does nothing with one layer.
   */
  readonly dropout?: number;
  /**
   * The share of the state that the recurrent product does not see while learning, the same numbers at every step of a
   * window, drawn for each lane, in [0, 1); 0 by default. Gal and Ghahramani, 2016; Keras's `recurrent_dropout`.
   */
  readonly recurrentDropout?: number;
  /** A second run from the last step to the first, its output beside the first one's; `false` by default. */
  readonly bidirectional?: boolean;
}

/**
 * A recurrent layer of any kind of cell: `numLayers` layers, each in one direction or in both.
 *
 * Parameters under torch's names, in torch's order (layer by layer, forward then reverse) and initialisation: uniform
 * in [−1/√hidden, 1/√hidden). Without `layers` the names have no suffix, as those of torch's single cells.
 */
export function recurrent(
  kind: string,
  gates: Gates,
  options: CellOptions,
  layers?: RecurrentOptions,
  extra: Layer['options'] = {},
): Layer {
  const { inputSize, hiddenSize, bias = true } = options;
  const { numLayers = 1, dropout = 0, recurrentDropout = 0, bidirectional = false } = layers ?? {};
  checkSize(kind, 'inputSize', inputSize);
  checkSize(kind, 'hiddenSize', hiddenSize);
  checkSize(kind, 'numLayers', numLayers);
  if (!(dropout >= 0 && dropout <= 1)) {
    throw new RangeError(`${kind}: dropout must be a number from 0 to 1, got ${dropout}`);
  }
  if (!(recurrentDropout >= 0 && recurrentDropout < 1)) {
    throw new RangeError(`${kind}: recurrentDropout must be in [0, 1), got ${recurrentDropout}`);
  }
  const ends = bidirectional ? ['', '_reverse'] : [''];
  const suffixes = layers
    ? Array.from({ length: numLayers }, (_, layer) => ends.map((end) => `_l${layer}${end}`))
    : [['']];
  const outputSize = hiddenSize * ends.length;
  return {
    kind,
    inputSize,
    outputSize,
    takes: 'either',
    parameters: suffixes.flatMap((sides, layer) => {
      const width = layer === 0 ? inputSize : outputSize;
      return sides.flatMap((suffix) => parametersOf(suffix, gates.count * hiddenSize, width, hiddenSize, bias));
    }),
    state: Object.fromEntries(gates.carried.map((name) => [name, [numLayers * ends.length, hiddenSize] as const])),
    options: {
      inputSize,
      hiddenSize,
      ...extra,
      bias,
      ...(layers && { numLayers, dropout, recurrentDropout, bidirectional }),
    },
    tape: (kernel, weights, gradients, steps, lanes) =>
      stack({
        kernel,
        gates,
        weights,
        gradients,
        steps,
        lanes,
        inputSize,
        hiddenSize,
        dropout,
        recurrentDropout,
        suffixes,
      }),
  };
}

function parametersOf(suffix: string, rows: number, width: number, hiddenSize: number, bias: boolean): Parameter[] {
  const parameters = [
    uniform(`weight_ih${suffix}`, [rows, width], hiddenSize),
    uniform(`weight_hh${suffix}`, [rows, hiddenSize], hiddenSize),
  ];
  if (bias) {
    parameters.push(uniform(`bias_ih${suffix}`, [rows], hiddenSize), uniform(`bias_hh${suffix}`, [rows], hiddenSize));
  }
  return parameters;
}
