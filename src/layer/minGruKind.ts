import { oneOf } from '../check/oneOf.js';
import type { CellKind } from './cellKind.js';
import { scanKind } from './scanKind.js';

const checkForm = oneOf('plain', 'log');

/**
 * The minimal gated recurrent unit: sums of candidate and gate of the input alone; `h = (1 − σ(z)) · h[t−1] + σ(z) · n`.
 * In the form `log` the candidate is made positive.
 */
export function minGruKind(who: string, form: 'plain' | 'log'): CellKind {
  checkForm(who, 'form', form);
  return scanKind({
    count: 2,
    gates({ kernel, hiddenSize }, sums) {
      const width = 2 * hiddenSize;
      return {
        forward(keep, fresh, rows) {
          if (form === 'log') kernel.positive(sums, rows, hiddenSize, width);
          kernel.minGruGates(keep, fresh, sums, rows, hiddenSize);
        },
        backward(sumsGradient, dKeep, dFresh, _keep, rows) {
          kernel.minGruGatesBack(sumsGradient, dKeep, dFresh, sums, rows, hiddenSize);
          if (form === 'log') kernel.positiveBack(sumsGradient, sums, rows, hiddenSize, width);
        },
      };
    },
  });
}
