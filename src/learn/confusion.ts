import type { OperatorFunction } from 'rxjs';
import { operator } from '../flow/operator.js';
import { countedRows } from './countedRows.js';
import { checkFresh, type Scored } from './stages.js';

/**
 * Counts how often each target token was taken for each other: a measure for `evaluate` and `validate`.
 *
 * ```
 *   crossEntropy  --s0-----s1-----s2--|
 *   confusion()   --------------------(c|)     c[target][predicted]: how often
 * ```
 *
 * What is predicted is the token with the highest output, the lower of equal ones. A table of as many rows and columns as
 * the model has outputs; a TypeError for targets that are numbers.
 */
export function confusion(): OperatorFunction<Scored, readonly (readonly number[])[]> {
  return operator((subscriber) => {
    let table: number[][] = [];
    return {
      next(scored) {
        checkFresh('confusion', scored);
        const { window, model, tape } = scored;
        const { outputSize } = model;
        const { targets } = window;
        if (!(targets instanceof Int32Array)) {
          throw new TypeError('confusion: needs targets that are tokens (Int32Array), got numbers');
        }
        const rows = countedRows(scored);
        if (table.length === 0 && rows.length > 0)
          table = Array.from({ length: outputSize }, () => Array<number>(outputSize).fill(0));
        for (const row of rows) {
          const output = tape.output.subarray(row * outputSize, (row + 1) * outputSize);
          let highest = 0;
          for (let i = 1; i < outputSize; i++) if (output[i]! > output[highest]!) highest = i;
          table[targets[row]!]![highest]!++;
        }
      },
      complete() {
        if (table.length === 0) throw new RangeError('confusion: no target counts, so there is nothing to measure');
        subscriber.next(table);
        subscriber.complete();
      },
    };
  });
}
