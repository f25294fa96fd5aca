import type { Observable } from 'rxjs';
import { show } from '../check/show.js';

/** What a demand may call of the source that it serves. All three do nothing once the source has ended. */
export interface Puller {
  /** There may be units to take. */
  wake(): void;
  /** No more will be asked for: the source completes. */
  end(): void;
  /** The demand itself is broken: the source fails with `error`. */
  fail(error: unknown): void;
}

/** Permission to produce: a source takes one unit for each item that it pulls, and waits while there is none. */
export interface Demand {
  /** Takes a unit; false where there is none. The demand wakes the puller when it has the next one. */
  take(): boolean;
  /** Starts to serve a source; the function that it returns stops that. One source at a time. */
  connect(puller: Puller): () => void;
}

/** Demand without limit: the source is pulled as soon as `next` has returned. Serves any number of sources. */
export const unlimited: Demand = {
  take: () => true,
  connect: () => () => undefined,
};

/**
 * Makes a demand of an observable: each number asks for that many more items, as `request(n)` in Reactive Streams.
 *
 * ```
 * demand$:                         --2---1-----|
 * pull('abcd', requested(demand$)) --(ab)c-----|
 * ```
 *
 * Units add up, a request made inside `next` is served after `next` returns, at any depth, and the end of the source
 * costs a unit, since it is found by pulling. Once `demand$` completes, the source completes when the units left are
 * used up. An error of `demand$`, or a number that is not a positive integer or `Infinity` (RangeError), is an error of
 * the source. Each subscription to the source subscribes to `demand$` again and starts without units.
 *
 * It counts items *at the source*: below an operator that drops or gathers items (`filter`, `bufferCount`) the requests
 * run dry. Use `credit` there; `requested` is for stepping by hand and for marble tests.
 */
export function requested(demand$: Observable<number>): Demand {
  let puller: Puller | undefined;
  let units = 0;
  let over = false;

  return {
    take() {
      if (units > 0) {
        units -= 1;
        return true;
      }
      if (over) puller?.end();
      return false;
    },
    connect(to) {
      if (puller !== undefined) throw new Error('requested: already feeds a source; make one for each pipeline');
      puller = to;
      units = 0;
      over = false;
      const subscription = demand$.subscribe({
        next(count) {
          if (!(Number.isInteger(count) || count === Infinity) || count < 1) {
            return to.fail(
              new RangeError(`requested: demand must be a positive integer or Infinity, got ${show(count)}`),
            );
          }
          units += count;
          to.wake();
        },
        error(error: unknown) {
          to.fail(error);
        },
        complete() {
          over = true;
          to.wake();
        },
      });
      return () => {
        puller = undefined;
        subscription.unsubscribe();
      };
    },
  };
}
