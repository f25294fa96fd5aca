import type { Numbers } from '../types.js';
import type { CellContext, CellKind } from './cellKind.js';
import { rowsOf } from './rowsOf.js';

/** How the sums of all steps become what a unit keeps of its state and what it adds, and back. */
interface ScanGates {
  /** Writes `keep` and `fresh`, `rows × hidden`. */
  forward(keep: Numbers, fresh: Numbers, rows: number): void;
  /** Writes the gradient at the sums. */
  backward(sumsGradient: Numbers, dKeep: Numbers, dFresh: Numbers, keep: Numbers, rows: number): void;
}

export interface ScanKindOptions {
  readonly count: number;
  /**
   * Whether the gates are calls of the kernel alone, whose passes can be recorded and repeated; true by default. Gates that
   * compute in a loop need false: a recorded pass would not run the loop again.
   */
  readonly repeats?: boolean;
  /** Makes the gates of one layer in one direction over these sums. */
  gates(context: CellContext, sums: Numbers): ScanGates;
}

/**
 * A cell whose gates see the input only: `h[t] = keep[t] · h[t−1] + fresh[t]`, unit by unit. Gates and products of all
 * steps are computed at once; only the scan goes step by step, in order, so that a lane's bits do not depend on windows.
 */
export function scanKind({ count, repeats = true, gates }: ScanKindOptions): CellKind {
  return {
    count,
    carried: ['h'],
    recurrentProduct: false,
    bind(context) {
      const { kernel, steps, lanes, hiddenSize, carried, allocate } = context;
      const { before, after } = carried['h']!;
      const length = lanes * hiddenSize; // of one step
      const sums = allocate(count * steps * length);
      const [keep, fresh] = [allocate(steps * length), allocate(steps * length)];
      const [keepAt, freshAt] = [rowsOf(keep, length), rowsOf(fresh, length)];
      const own = gates(context, sums);
      return {
        sums,
        hiddenSums: sums,
        repeats,
        beforeSteps: (steps) => own.forward(keep, fresh, steps * lanes),
        step: (t) => kernel.scan(after[t]!, keepAt[t]!, freshAt[t]!, before[t]!, length),
        differentiate({ hiddenGradient }) {
          const sumsGradient = allocate(count * steps * length);
          const dKeep = allocate(steps * length);
          const [dKeepAt, dh] = [rowsOf(dKeep, length), rowsOf(hiddenGradient, length)];
          return {
            sumsGradient,
            hiddenSumsGradient: sumsGradient,
            stepBack: (t, dBefore) => kernel.scanBack(dKeepAt[t]!, dBefore, dh[t]!, keepAt[t]!, before[t]!, length),
            // the gradient at `fresh` is the one at h
            afterSteps: (steps) => own.backward(sumsGradient, dKeep, hiddenGradient, keep, steps * lanes),
          };
        },
      };
    },
  };
}
