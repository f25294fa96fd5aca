import type { Numbers } from '../types.js';
import type { CellKind, CellSizes, Sums, SumsContext } from './cellKind.js';
import { headsProduct } from './headsProduct.js';
import type { Parameter } from './layer.js';
import { product } from './product.js';
import { recurrentProduct } from './recurrentProduct.js';
import { recurrentWeight } from './recurrentWeight.js';
import { rowsOf } from './rowsOf.js';
import { uniform } from './uniform.js';

/**
 * torch's parameters of one layer in one direction: `weight_ih` (count · hidden, input), `weight_hh` (count · hidden,
 * hidden), `bias_ih` and `bias_hh` (count · hidden); those of the state only where it has a product.
 */
export function denseParameters(
  { count, recurrentProduct: ofState = true }: Pick<CellKind, 'count' | 'recurrentProduct'>,
  { inputSize, hiddenSize, bias, orthogonal, direct = false }: CellSizes,
): Parameter[] {
  const rows = count * hiddenSize;
  return [
    ...(direct ? [] : [uniform('weight_ih', [rows, inputSize], hiddenSize)]),
    ...(ofState ? [recurrentWeight([rows, hiddenSize], hiddenSize, orthogonal)] : []),
    ...(bias ? [uniform('bias_ih', [rows], hiddenSize)] : []),
    ...(bias && ofState ? [uniform('bias_hh', [rows], hiddenSize)] : []),
  ];
}

/** What differs from torch's sums. */
interface DenseOptions {
  /** Heads, each of which sees its own part of the state; 1 by default. */
  readonly heads?: number;
  /** The name of the input's bias; `bias_ih` by default. */
  readonly inputBias?: string;
}

/**
 * torch's sums, `W_ih x + b_ih + W_hh h + b_hh`, of parameters by these names: the input's for all steps at once, the
 * state's step by step. Without a `weight_ih` the input itself is added.
 */
export function denseSums(context: SumsContext, { heads = 1, inputBias = 'bias_ih' }: DenseOptions = {}): Sums {
  const { kernel, weights, steps: capacity, lanes, allocate, inputSize, hiddenSize, sums, hiddenSums } = context;
  const { weight_ih: wIh, weight_hh: wHh, [inputBias]: bIh, bias_hh: bHh } = weights;
  const width = wIh ? wIh.length / inputSize : inputSize; // of one row of sums
  const count = width / hiddenSize;
  const hiddenSumsAt = rowsOf(hiddenSums, lanes * width);
  const fromInput = wIh && kernel.matrix(wIh, inputSize, width);
  const fromState =
    wHh &&
    recurrentProduct({
      kernel,
      steps: capacity,
      lanes,
      allocate,
      product:
        heads === 1
          ? product(kernel, wHh, hiddenSize, width)
          : headsProduct({ kernel, allocate, weight: wHh, size: hiddenSize, heads, count, rows: capacity * lanes }),
      hiddenSize,
      state: context.state,
      stateBefore: context.stateBefore,
      dropout: context.recurrentDropout,
    });

  return {
    repeats: true,
    ofInput(input, steps, random) {
      const rows = steps * lanes;
      fromState?.begin(random);
      kernel.setRows(sums, bIh, rows, width);
      if (hiddenSums !== sums) kernel.setRows(hiddenSums, bHh, rows, width);
      else if (bHh) kernel.addRows(sums, bHh, rows, width);
      if (!fromInput) kernel.accumulate(sums, input as Numbers, rows * width);
      else if (input instanceof Int32Array) fromInput.multiplyTokens(sums, input, rows);
      else fromInput.multiply(sums, input, rows);
    },
    ...(fromState && { ofState: (t) => fromState.multiply(t, hiddenSumsAt[t]!) }),
    differentiate({ gradients, sumsGradient, hiddenSumsGradient }) {
      const { weight_ih: dwIh, weight_hh: dwHh, [inputBias]: dbIh, bias_hh: dbHh } = gradients;
      const hiddenSumsGradientAt = rowsOf(hiddenSumsGradient, lanes * width);
      const backFromState = fromState?.differentiate();
      return {
        ...(backFromState && { ofState: (t, before) => backFromState.stepBack(before, hiddenSumsGradientAt[t]!) }),
        ofInput(input, inputGradient, steps) {
          const rows = steps * lanes;
          backFromState?.outer(dwHh!, hiddenSumsGradient, steps);
          if (!fromInput) {
            if (inputGradient) kernel.accumulate(inputGradient, sumsGradient, rows * width);
          } else if (input instanceof Int32Array) {
            kernel.outerTokens(dwIh!, sumsGradient, input, rows, inputSize, width);
          } else {
            kernel.outer(dwIh!, sumsGradient, input, rows, inputSize, width);
            if (inputGradient) fromInput.multiplyBack(inputGradient, sumsGradient, rows);
          }
          if (dbIh) kernel.sumRows(dbIh, sumsGradient, rows, width);
          if (dbHh) kernel.sumRows(dbHh, hiddenSumsGradient, rows, width);
        },
      };
    },
  };
}
