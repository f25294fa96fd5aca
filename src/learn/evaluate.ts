import { map, type OperatorFunction, reduce } from 'rxjs';
import type { Model } from '../model/model.js';
import type { Window } from '../types.js';
import { crossEntropy } from './crossEntropy.js';
import type { Scored, Unrolled } from './stages.js';
import { unroll } from './unroll.js';
import { plus, type Total, type Validation, validation } from './validation.js';

export interface EvaluateOptions {
  /** `crossEntropy()` by default. */
  readonly loss?: OperatorFunction<Unrolled, Scored>;
}

/**
 * Measures a model on windows, in buffers of its own and without dropout: nothing is learned or drawn.
 *
 * ```
 *   windows   --w0-----w1-----w2--|
 *   evaluate  --------------------(v|)     v: { loss, bits, perplexity, tokens }
 * ```
 *
 * The mean is over all targets that count, whatever window they stand in. A RangeError where there are none.
 */
export function evaluate(
  model: Model,
  { loss = crossEntropy() }: EvaluateOptions = {},
): OperatorFunction<Window, Validation> {
  return (window$) =>
    window$.pipe(
      unroll(model),
      loss,
      reduce(plus, { loss: 0, tokens: 0 } as Total),
      map((total) => validation('evaluate', total)),
    );
}
