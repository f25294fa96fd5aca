import { anything } from '../check/anything.js';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Demand, Puller } from './demand.js';

/** How many items may be in flight. */
export interface CreditOptions {
  /** The source stops when this many items are held; 8 by default. */
  readonly high?: number | undefined;
  /** It resumes when no more than this many are held; half of `high` by default. */
  readonly low?: number | undefined;
}

/** A count of the items in flight, and the demand that follows from it. */
export interface Credit extends Demand {
  /** Items inside asynchronous stages now. */
  readonly held: number;
  /** The most items that were ever held at once. */
  readonly peak: number;
  /** A stage keeps `count` items, 1 by default, after its `next` has returned. */
  hold(count?: number): void;
  /** The stage is done with them. An Error where fewer are held: some stage released twice. */
  release(count?: number): void;
}

/**
 * Limits the items in flight: a source pulled with this credit stops once `high` items are held and resumes when at
 * most `low` are left.
 *
 * RxJS delivers synchronously, so an item that no stage holds when `next` returns is finished, whether it was mapped,
 * dropped or gathered. Hence any synchronous operator may stand between the source and the stages that hold items
 * (`concatMapBounded`, `iterate`), in any ratio. At most `high - 1 + f` items are held, where `f` is the largest number
 * of items that one pulled item turns into.
 *
 * A credit serves one source at a time, one after another (`repeat`, `concat`): `held` and `peak` go on counting. A
 * second source at the same time is an Error; values of `high` and `low` that no count can meet, and counts that are
 * not whole numbers, are RangeErrors.
 */
export function credit(given: CreditOptions = {}): Credit {
  given = options('credit', given, { high: optional(positiveInteger), low: anything });
  const { high = 8, low = Math.floor(high / 2) } = given;
  wholeNumber(0, high - 1)('credit', 'low', low);
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
      checkCount('hold', count);
      held += count;
      if (held >= high) open = false;
      if (held > peak) peak = held;
    },
    release(count = 1) {
      checkCount('release', count);
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

/** A count that is negative or not a number would leave the source open, or shut, for good. */
function checkCount(method: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return;
  refuse(`credit.${method}`, 'count', 'an integer from 0 up', count, 'number');
}
