import type { OperatorFunction } from 'rxjs';
import { measure } from './measure.js';
import { rankOf } from './rankOf.js';
import type { Scored } from './stages.js';

/**
 * The share of target tokens to which the model gives the highest output: a measure for `evaluate` and `validate`.
 *
 * ```
 *   crossEntropy  --s0-----s1-----s2--|
 *   accuracy()    --------------------(a|)     a: from 0 to 1
 * ```
 *
 * Of equal outputs the lower token comes first, as in `surprisal`. A TypeError for targets that are numbers.
 *
 * ```ts
 * import { accuracy, evaluate, linear, pull, sequential, windows } from 'rxrnn';
 *
 * const model = sequential({ linear: linear({ inputSize: 2, outputSize: 2 }) });
 * model.weights.learned.set([0, 1, 1, 0, 0, 0]); // 1 after 0, and 0 after 1
 * pull([0, 1, 0, 0, 1])
 *   .pipe(windows({ steps: 4 }), evaluate(model, { measures: { accuracy: accuracy() } }))
 *   .subscribe((evaluation) => console.log(evaluation.accuracy)); // -> 0.75
 * ```
 */
export function accuracy(): OperatorFunction<Scored, number> {
  return measure('accuracy', (scored) => (rankOf('accuracy', scored) === 1 ? 1 : 0));
}
