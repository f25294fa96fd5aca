import type { Tensor } from '../types.js';
import { zeros } from '../kernel/zeros.js';
import { countedRows } from './countedRows.js';
import { rankOf } from './rankOf.js';
import { checkFresh, type Scored } from './stages.js';

/**
 * Copies the place of each target token among all tokens by the model's outputs, `[steps, lanes]`: 1 where the model
 * gives it the highest, 0 where the target does not count.
 *
 * Of equal outputs the lower token comes first, as in `surprisal`. A TypeError for targets that are numbers; an Error
 * where a later window has overwritten the numbers.
 *
 * ```ts
 * import { map, of } from 'rxjs';
 * import { crossEntropy, linear, ranks, sequential, sequences, unroll } from 'rxrnn';
 *
 * const model = sequential({ linear: linear({ inputSize: 3, outputSize: 3, bias: false }) });
 * model.weights.learned.set([0, 0, 0, 0, 2, 2, 1, 1, 1]); // after 1 and after 2: 1 before 2 before 0
 * of([1, 2], [1])
 *   .pipe(sequences({ end: 0, lanes: 2 }), unroll(model), crossEntropy(), map(ranks))
 *   .subscribe(({ shape, data }) => console.log(shape, data.join(' '))); // -> [ 3, 2 ] 2 2 2 3 3 0
 * ```
 */
export function ranks(scored: Scored): Tensor {
  checkFresh('ranks', scored);
  const { window, model, tape } = scored;
  const { steps, lanes, targets } = window;
  if (!(targets instanceof Int32Array)) rankOf('ranks', { output: tape.output, target: targets });
  const data = zeros(model.dtype, steps * lanes);
  for (const row of countedRows(scored)) {
    const output = tape.output.subarray(row * model.outputSize, (row + 1) * model.outputSize);
    data[row] = rankOf('ranks', { output, target: targets[row]! });
  }
  return { shape: [steps, lanes], data };
}
