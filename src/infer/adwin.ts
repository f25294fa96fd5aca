import type { OperatorFunction } from 'rxjs';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positive } from '../check/positive.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { operator } from '../flow/operator.js';
import { log } from '../kernel/math/log.js';
import type { Alarm } from './alarm.js';

/** How sure `adwin` must be, how far values spread, and when it looks for a change. */
export interface AdwinOptions {
  /** The chance of a false alarm that is accepted, in (0, 1); the smaller, the fewer; 0.002 by default. */
  readonly confidence?: number | undefined;
  /** How far apart values may lie, above 0, in their unit; 16 by default, for bits per token. */
  readonly range?: number | undefined;
  /** Values between two looks for a change: a positive integer; 32 by default. */
  readonly every?: number | undefined;
  /** Values that the window must hold before it is looked at (the grace period): a positive integer; 10 by default. */
  readonly minValues?: number | undefined;
}

/**
 * Detects changes of the mean of a stream of numbers, large and small changes: it keeps a window as long as the mean is
 * stable, and when the two parts at some cut differ by more than chance explains, it drops the older part at the cut
 * where they differ most. (The paper drops bucket by bucket until no cut differs, and so finds one change several times.)
 *
 * ```
 * values   -1-2-1-2-…-9-9-9-9-|
 * adwin()  -----------------a-|     a: { index, since, before, after }
 * ```
 *
 * Memory and the work per look grow with the logarithm of the window's length. Bifet and Gavaldà, Learning from
 * Time-Changing Data with Adaptive Windowing, 2007 (ADWIN2, five buckets per row, the bound that uses the variance). A
 * RangeError for values that are not finite, and for those beyond 1e140 times `range`, whose squares no number holds.
 */
export function adwin(given: AdwinOptions = {}): OperatorFunction<number, Alarm> {
  given = options('adwin', given, {
    confidence: optional((who, option, value) => {
      if (!(typeof value === 'number' && value > 0 && value < 1)) refuse(who, option, 'in (0, 1)', value, 'number');
    }),
    range: optional(positive),
    every: optional(positiveInteger),
    minValues: optional(positiveInteger),
  });
  const { confidence = 0.002, range = 16, every = 32, minValues = 10 } = given;
  const unit = powerNear(range); // sums are of values divided by it, so that their squares stay finite; it rounds nothing
  const bounded = finite(-1e140 * range, 1e140 * range);

  return operator((subscriber) => {
    const window = exponentialHistogram();
    let index = -1;

    /** A mean in the unit of the values; rounding does not lift it above the largest number. */
    function inUnits(mean: number): number {
      return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, mean * unit));
    }

    /** The older part at the cut where the mean changed most, relative to what chance explains; if it changed. */
    function change(): Bucket | undefined {
      const { whole } = window;
      if (whole.count < minValues) return undefined;
      const doubt = log(2 * log(whole.count)) - log(confidence);
      const variance = whole.squares / whole.count;
      let found: Bucket | undefined;
      let most = 1;
      window.eachCut((older) => {
        const rest = whole.count - older.count;
        const inverse = 1 / older.count + 1 / rest;
        const bound = Math.sqrt(2 * inverse * variance * doubt) + (2 / 3) * (range / unit) * inverse * doubt;
        const apart = Math.abs(older.sum / older.count - (whole.sum - older.sum) / rest) / bound;
        if (apart <= most) return;
        most = apart;
        found = older;
      });
      return found;
    }

    return {
      next(value) {
        index += 1;
        if (!Number.isFinite(value)) refuse('adwin', `value ${index}`, 'a finite number', value, 'number');
        bounded('adwin', `value ${index}`, value);
        window.add(value / unit);
        const older = (index + 1) % every === 0 ? change() : undefined;
        if (older === undefined) return;
        const { count, sum } = window.whole;
        const recent = count - older.count;
        while (window.whole.count > recent) window.drop();
        const before = inUnits(older.sum / older.count);
        const after = inUnits((sum - older.sum) / recent);
        subscriber.next({ index, since: index - recent + 1, before, after });
      },
    };
  });
}

/** A power of two near a positive number; from 2^-1000 to 2^1000, by which one divides without rounding. */
function powerNear(number: number): number {
  return 2 ** Math.max(-1000, Math.min(1000, Math.floor(Math.log2(number))));
}

/**
 * Neighbouring values summarised: how many, their sum, and the sum of the squares of their distances from their mean.
 */
interface Bucket {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

/** A window over a stream in logarithmic memory: buckets of 1, 2, 4, … values, at most `PER_ROW` of each size. */
export interface ExponentialHistogram {
  /** The whole window as one bucket. */
  readonly whole: Bucket;
  add(value: number): void;
  /** Forgets the oldest bucket. */
  drop(): void;
  /** Visits the older part of each cut between two buckets, the shortest first. */
  eachCut(visit: (older: Bucket) => void): void;
}

const PER_ROW = 5;
const NONE: Bucket = { count: 0, sum: 0, squares: 0 };

/** Makes an exponential histogram: Datar, Gionis, Indyk and Motwani, 2002. */
export function exponentialHistogram(): ExponentialHistogram {
  const rows: Bucket[][] = []; // rows[i]: buckets of 2^i values, the oldest first
  let whole = NONE;

  return {
    get whole() {
      return whole;
    },
    add(value) {
      const bucket = { count: 1, sum: value, squares: 0 };
      whole = merge(whole, bucket);
      for (let i = 0, next: Bucket | undefined = bucket; next !== undefined; i++) {
        const row = (rows[i] ??= []);
        row.push(next);
        next = row.length > PER_ROW ? merge(row.shift()!, row.shift()!) : undefined;
      }
    },
    drop() {
      rows.at(-1)!.shift();
      while (rows.length > 0 && rows.at(-1)!.length === 0) rows.pop();
      whole = NONE;
      for (const row of rows) for (const bucket of row) whole = merge(whole, bucket);
    },
    eachCut(visit) {
      let older = NONE;
      for (const row of rows.toReversed()) {
        for (const bucket of row) {
          older = merge(older, bucket);
          if (older.count < whole.count) visit(older);
        }
      }
    },
  };
}

/** Merges two buckets: Chan, Golub and LeVeque, 1983. */
function merge(a: Bucket, b: Bucket): Bucket {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const apart = b.sum / b.count - a.sum / a.count;
  return {
    count,
    sum: a.sum + b.sum,
    squares: a.squares + b.squares + (apart * apart * a.count * b.count) / count,
  };
}
