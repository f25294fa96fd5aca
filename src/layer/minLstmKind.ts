import { oneOf } from '../check/oneOf.js';
import type { CellKind } from './cellKind.js';
import { scanKind } from './scanKind.js';

const checkForm = oneOf('plain', 'log');

/**
 * The minimal long short-term memory: sums of candidate, f and i of the input alone;
 * `h = f′ · h[t−1] + i′ · n` with the shares `f′ = f / (f + i)` and `i′ = i / (f + i)`. In the form `log` the candidate is
 * made positive.
 */
export function minLstmKind(who: string, form: 'plain' | 'log'): CellKind {
  checkForm(who, 'form', form);
  return scanKind({
    count: 3,
    gates({ kernel, hiddenSize }, sums) {
      const width = 3 * hiddenSize;
      return {
        forward(keep, fresh, rows) {
          if (form === 'log') kernel.positive(sums, rows, hiddenSize, width);
          kernel.minLstmGates(keep, fresh, sums, rows, hiddenSize);
        },
        backward(sumsGradient, dKeep, dFresh, keep, rows) {
          kernel.minLstmGatesBack(sumsGradient, dKeep, dFresh, keep, sums, rows, hiddenSize);
          if (form === 'log') kernel.positiveBack(sumsGradient, sums, rows, hiddenSize, width);
        },
      };
    },
  });
}
