import type { Observable } from 'rxjs';

/** The source's end of a demand. All three are no-ops once the source has ended. */
export interface Puller {
  /** There may be units to take. */
  wake(): void;
  /** No more will be asked for: the source completes. */
  end(): void;
  /** The demand itself is broken: the source fails with `error`. */
  fail(error: unknown): void;
}

/** Leave to produce: a source takes one unit for each item that it pulls, and waits where there is none. */
export interface Demand {
  /** Takes a unit, or says that there is none; whoever makes the next one wakes the puller. */
  take(): boolean;
  /** Begins to serve a source; the function that it returns ends that. One source at a time. */
  connect(puller: Puller): () => void;
}

/** As fast as the call stack allows: the return of `next` is the only brake. Serves any number of sources. */
export const unlimited: Demand = {
  take: () => true,
  connect: () => () => undefined,
};

/**
 * The demand that `demand$` asks for: each number is that many items more, as `request(n)` in Reactive Streams.
 *
 * ```
 * demand$:                         --2---1-----|
 * pull('abcd', requested(demand$)) --(ab)c-----|
 * ```
 *
 * Units add up, a request inside `next` is served after it returns (however many times over), and the end of the
 * source costs a unit, since it is found by pulling. Once `demand$` completes, what is left is all there will be; its
 * error, or a number that is not a positive integer or `Infinity` (RangeError), is the error of the source. Every
 * subscription to the source subscribes to `demand$` anew and starts from nothing.
 *
 * It counts items *at the source*: below an operator that drops or gathers items (`filter`, `bufferCount`) the requests
 * run dry. Use `credit` there; this one is for stepping by hand and for marble tests.
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
            return to.fail(new RangeError(`requested: demand must be a positive integer or Infinity, got ${count}`));
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
