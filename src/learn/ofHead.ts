import { map, type OperatorFunction, pipe } from 'rxjs';
import { callable } from '../check/callable.js';
import { listNames } from '../check/listNames.js';
import { string } from '../check/string.js';
import type { Scored } from './stages.js';

/**
 * Takes a measure of one head of a `jointLoss`: for the `measures` of `evaluate` and `validate`.
 *
 * ```
 *   jointLoss({ activity, hours })    --s0-----s1-----s2--|
 *   ofHead('activity', accuracy())    --------------------(a|)
 * ```
 *
 * A RangeError for a name that is not one of the heads; errors of the measure.
 */
export function ofHead<R>(head: string, measure: OperatorFunction<Scored, R>): OperatorFunction<Scored, R> {
  string('ofHead', 'head', head);
  callable('ofHead', 'measure', measure);
  return pipe(
    map(({ heads = {} }: Scored): Scored => {
      const scored = Object.hasOwn(heads, head) ? heads[head] : undefined;
      if (scored) return scored;
      const known = Object.keys(heads);
      const there = known.length > 0 ? `there are ${listNames(known)}` : 'the loss has no heads';
      throw new RangeError(`ofHead: no head ${listNames([head])}; ${there}`);
    }),
    measure,
  );
}
