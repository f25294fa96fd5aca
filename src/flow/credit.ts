import type { Demand, Puller } from './demand.js';

/** How many items may be in flight. */
export interface CreditOptions {
  /** The source stops when this many items are held; 8 by default. */
  readonly high?: number;
  /** It resumes when no more than this many are; half of `high` by default. */
  readonly low?: number;
}

/** A count of the items in flight, and the demand that follows from it. */
export interface Credit extends Demand {
  /** Items inside asynchronous stages now. */
  readonly held: number;
  /** The most that there ever were. */
  readonly peak: number;
  /** A stage keeps `count` items, 1 by default, beyond the return of its `next`. */
  hold(count?: number): void;
  /** It is done with them. An Error when that is more than are held: someone released twice. */
  release(count?: number): void;
}

/**
 * A ledger of items in flight: a source that is pulled by it stops once `high` items are held and resumes when at most
 * `low` are left.
 *
 * RxJS delivers synchronously, so an item that no stage holds when `next` returns is finished, whether it was mapped,
 * dropped or gathered. Hence any synchronous operator may stand between the source and the stages that hold (`concatMapBounded`,
 * `iterate`), in any ratio. At most `high - 1 + f` items are held, where `f` is the largest number of items that one
 * pulled item turns into.
 *
 * A ledger feeds one source at a time, one after another (`repeat`, `concat`): `held` and `peak` go on counting. A
 * second source at the same time is refused with an Error, and values of `high` and `low` that no count can meet with
 * a RangeError.
 */
export function credit({ high = 8, low = high >> 1 }: CreditOptions = {}): Credit {
  if (!Number.isInteger(high) || high < 1) {
    throw new RangeError(`credit: high must be a positive integer, got ${high}`);
  }
  if (!Number.isInteger(low) || low < 0 || low >= high) {
    throw new RangeError(`credit: low must be an integer from 0 to ${high - 1} (high - 1), got ${low}`);
  }
  let held = 0;
  let peak = 0;
  let open = true;
  let puller: Puller | undefined;

  return {
    get held() {
      return held;
    },
    get peak() {
      return peak;
    },
    hold(count = 1) {
      held += count;
      if (held >= high) open = false;
      if (held > peak) peak = held;
    },
    release(count = 1) {
      if (count > held) throw new Error(`credit: cannot release ${count}, only ${held} held`);
      held -= count;
      if (open || held > low) return;
      open = true;
      puller?.wake();
    },
    take() {
      return open;
    },
    connect(to) {
      if (puller !== undefined) throw new Error('credit: already feeds a source; make one for each pipeline');
      puller = to;
      return () => {
        puller = undefined;
      };
    },
  };
}
