import { finite } from '../check/finite.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positive } from '../check/positive.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { count as natural, list, number, object, type Schema } from '../check/schema.js';
import type { Alarm } from './alarm.js';

/** Which changes of the mean raise an alarm. */
export interface PageHinkleyOptions {
  /**
   * Which changes of the mean count; `up` by default: later values are larger, as when a log becomes more surprising.
   */
  readonly direction?: 'up' | 'down' | 'both' | undefined;
  /** Half of the smallest change worth an alarm, from 0 up, in the values' unit; 0.5 by default, for bits per token. */
  readonly delta?: number | undefined;
  /**
   * Raises the alarm when the sum of what exceeds the mean by more than `delta` is above this; 200 by default. A change
   * by d is found after about `threshold / (d − delta)` values; false alarms become exponentially rarer with it.
   */
  readonly threshold?: number | undefined;
  /** Values to estimate the mean from, at the start and after each alarm: a positive integer; 100 by default. */
  readonly minValues?: number | undefined;
  /**
   * Multiplies the sum before each value, in (0, 1]: the smaller, the sooner small deviations from long ago are
   * forgotten; 1 by default, which forgets nothing. River's default is 0.9999.
   */
  readonly alpha?: number | undefined;
}

/** What a test knows; plain JSON. */
export interface PageHinkleyState {
  /** Numbers so far. */
  readonly numbers: number;
  /** Count and sum of those since the last start. */
  readonly count: number;
  readonly sum: number;
  /** Of each direction: its cumulative sum over its lowest point, and the count and sum of numbers there. */
  readonly walks: readonly { readonly height: number; readonly count: number; readonly sum: number }[];
}

/** How a test is made. */
export interface PageHinkleyTestOptions extends PageHinkleyOptions {
  /** The state of a test to continue, as its `state()` gave it; the other options must be as they were. */
  readonly state?: PageHinkleyState | undefined;
}

/** Tests numbers for changes of their mean, one at a time. */
export interface PageHinkleyTest {
  /** Takes the next number; returns the change where it has made one certain. */
  add(value: number): Alarm | undefined;
  /** What it knows, for the option `state` of another test, which then continues the same way. */
  state(): PageHinkleyState;
}

const schema: Schema<PageHinkleyState> = object<PageHinkleyState>({
  numbers: natural,
  count: natural,
  sum: number,
  walks: list(object({ height: number, count: natural, sum: number })),
});

/**
 * Makes a Page–Hinkley test that takes numbers one at a time and can be saved; the operator `pageHinkley` says what it
 * computes, and its source.
 *
 * Memory is a few numbers, which `state()` gives as plain JSON. A RangeError for a number that is not finite, and for one of
 * 1e290 or more in size, whose sums might not be; a TypeError for a state that is not one.
 *
 * ```ts
 * import { pageHinkleyTest } from 'rxrnn';
 *
 * const options = { minValues: 4, threshold: 10 };
 * const before = pageHinkleyTest(options);
 * for (const value of [1, 2, 1, 2, 9]) before.add(value);
 * const after = pageHinkleyTest({ ...options, state: before.state() });
 * console.log(after.add(9), after.add(9)); // -> undefined { index: 6, since: 4, before: 1.5, after: 9 }
 * ```
 */
export function pageHinkleyTest(given: PageHinkleyTestOptions = {}): PageHinkleyTest {
  return makeTest('pageHinkleyTest', given);
}

/** Makes a test whose errors name `who`. */
export function makeTest(who: string, given: PageHinkleyTestOptions): PageHinkleyTest {
  given = options(who, given, {
    direction: optional(oneOf('up', 'down', 'both')),
    delta: optional(finite(0)),
    threshold: optional(positive),
    minValues: optional(positiveInteger),
    alpha: optional((who, option, value) => {
      if (!(typeof value === 'number' && value > 0 && value <= 1)) refuse(who, option, 'in (0, 1]', value, 'number');
    }),
    state: optional(checkSessionState),
  });
  const { direction = 'up', delta = 0.5, threshold = 200, minValues = 100, alpha = 1, state } = given;
  const signs = ([1, -1] as const).filter((sign) => direction === 'both' || sign === (direction === 'up' ? 1 : -1));
  if (state && state.walks.length !== signs.length) throw new TypeError(`${who}: state is of another direction`);
  let { numbers, count, sum } = state ?? { numbers: 0, count: 0, sum: 0 };
  let walks = signs.map((sign, i) => ({ sign, ...(state?.walks[i] ?? BEGINNING) }));

  return {
    add(value) {
      if (!Number.isFinite(value)) refuse(who, `value ${numbers}`, 'a finite number', value, 'number');
      bounded(who, `value ${numbers}`, value);
      numbers += 1;
      count += 1;
      sum += value;
      const excess = value - sum / count;
      for (const walk of walks) {
        walk.height = alpha * walk.height + (walk.sign * excess - delta);
        if (walk.height <= 0) {
          walk.height = 0;
          walk.count = count;
          walk.sum = sum;
        }
      }
      const found = count > minValues ? walks.find(({ height }) => height > threshold) : undefined;
      if (!found) return undefined;
      const recent = count - found.count;
      const alarm = {
        index: numbers - 1,
        since: numbers - recent,
        before: found.sum / found.count,
        after: (sum - found.sum) / recent,
      };
      count = sum = 0;
      walks = signs.map((sign) => ({ sign, ...BEGINNING }));
      return alarm;
    },
    state: () => ({ numbers, count, sum, walks: walks.map(({ height, count, sum }) => ({ height, count, sum })) }),
  };
}

const BEGINNING = { height: 0, count: 0, sum: 0 };

/** What numbers are below in size, so that no sum of theirs overflows, however long the stream. */
const LARGEST = 1e290;
const bounded = finite(-LARGEST, LARGEST);

/** Accepts states whose numbers fit each other, as those of a test do. */
function checkSessionState(who: string, option: string, value: unknown): void {
  const { numbers, count, sum, walks } = schema(value, `${who}: ${option}`);
  const fits = (counted: number, total: number): boolean => Math.abs(total) <= counted * LARGEST;
  const walked = walks.every(
    (walk) => walk.count <= count && fits(walk.count, walk.sum) && walk.height >= 0 && fits(2 * count, walk.height),
  );
  if (count <= numbers && fits(count, sum) && walked) return;
  refuse(who, option, 'what state() of a test gives', value, 'none');
}
