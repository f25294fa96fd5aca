import type { OperatorFunction } from 'rxjs';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positive } from '../check/positive.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { operator } from '../flow/operator.js';
import { burstModel, type BurstModel, type BurstPrior } from './burstModel.js';
import { recentMap } from './recentMap.js';

/** An event with its kind and its time. */
export interface TimedEvent<K> {
  readonly key: K;
  /** In any unit, finite. */
  readonly time: number;
}

/** What is a burst. */
export interface BurstOptions {
  /** How long the interval is in which events are counted, in the unit of `time`. */
  readonly interval: number;
  /** The most kinds to keep, the most recent ones; 10000 by default. */
  readonly maxKeys?: number | undefined;
}

/** An event with how improbable it is that so many came; plain JSON. */
export interface Burst<K> extends TimedEvent<K> {
  /** Events of its kind within the interval before it. */
  readonly before: number;
  /** −log2 of the probability of so many; 0 without any before it. */
  readonly bits: number;
}

/**
 * Says of each event how improbable it is that so many of its kind came within an interval.
 *
 * ```
 * events               -e-e-e-e-|
 * burst({ interval })  -b-b-b-b-|     b: { key, time, before, bits }
 * ```
 *
 * The number of events within the interval before an event of the kind is taken as a draw of a Poisson distribution, whose
 * rate has a Gamma prior with the mean of all kinds; what came in up to 16 intervals that have ended is learned, so that
 * a burst does not excuse itself. A clock that jumps by more than the interval, in either direction, begins another one.
 * Memory is up to 128 times per kind. A RangeError for a time that is not finite.
 *
 * ```ts
 * import { from, last } from 'rxjs';
 * import { burst } from 'rxrnn';
 *
 * const calm = Array.from({ length: 50 }, (_, i) => ({ key: 'login', time: 10 * i }));
 * const spray = Array.from({ length: 10 }, () => ({ key: 'login', time: 500 }));
 * from([...calm, ...spray])
 *   .pipe(burst({ interval: 5 }), last())
 *   .subscribe(({ before, bits }) => console.log(before, bits > 15)); // -> 9 true
 * ```
 */
export function burst<K>(given: BurstOptions): OperatorFunction<TimedEvent<K>, Burst<K>> {
  given = options('burst', given, { interval: positive, maxKeys: optional(positiveInteger) });
  const { interval, maxKeys = 10_000 } = given;
  return operator((subscriber) => {
    const prior: BurstPrior = { sum: 0, count: 0 };
    const models = recentMap<K, BurstModel>();
    let count = 0;
    return {
      next(event) {
        if (typeof event !== 'object' || event === null) {
          refuse('burst', `event ${count}`, 'an object with a key and a time', event, 'none');
        }
        const { key, time } = event;
        if (!Number.isFinite(time)) refuse('burst', `time of event ${count}`, 'finite', time, 'number');
        count += 1;
        const model = models.get(key) ?? burstModel(interval, prior);
        models.set(key, model);
        if (models.size > maxKeys) models.dropOldest();
        subscriber.next({ key, time, ...model.add(time) });
      },
    };
  });
}
