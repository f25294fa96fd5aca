import { options } from '../check/options.js';
import { show } from '../check/show.js';

/** How each column of a series is brought to a common size; it never changes once it is made. */
export interface Scaling {
  /** Number of columns. */
  readonly size: number;
  /** What is taken from each column: its mean, or its least value. */
  readonly centre: readonly number[];
  /** What each column is divided by then: its standard deviation, or its range; never 0. */
  readonly spread: readonly number[];
  /**
   * The row in scaled numbers, `(x − centre) / spread`: a new array. A RangeError for a row of another width, and for a
   * number that is not finite, or would not be when scaled; it names the row where its index is given.
   */
  scale(row: ArrayLike<number>, index?: number): number[];
  /**
   * The row in the units of the data, `x · spread + centre`: the inverse of `scale`. A row may hold several of the
   * series one after another, such as the steps of a forecast. A RangeError as for `scale`.
   */
  unscale(row: ArrayLike<number>, index?: number): number[];
}

/** The numbers of a scaling, as a model file keeps them. */
export interface ScalingNumbers {
  readonly centre: readonly number[];
  readonly spread: readonly number[];
}

/**
 * Makes a scaling from its numbers, which are copied, for instance those that a model file holds; `scaling()` finds them.
 *
 * A TypeError for anything but two lists of numbers; a RangeError for lists that are empty or of different length, for
 * numbers that are not finite, and for a spread that is not positive.
 *
 * ```ts
 * import { scalingOf } from 'rxrnn';
 *
 * const { scale, unscale } = scalingOf({ centre: [20, 1000], spread: [5, 10] });
 * console.log(scale([25, 990]), unscale([1, -1])); // -> [ 1, -1 ] [ 25, 990 ]
 * ```
 */
export function scalingOf(given: ScalingNumbers): Scaling {
  given = options('scalingOf', given, { centre: checkNumbers, spread: checkNumbers });
  const centre = Object.freeze([...given.centre]);
  const spread = Object.freeze([...given.spread]);
  const size = centre.length;
  if (spread.length !== size) {
    throw new RangeError(
      `scalingOf: centre and spread must have the same length, got ${size} and ${spread.length} numbers`,
    );
  }
  const flat = spread.find((number) => !(number > 0));
  if (flat !== undefined) throw new RangeError(`scalingOf: spread must be positive numbers, got ${show(flat)}`);
  return Object.freeze({
    size,
    centre,
    spread,
    scale(row: ArrayLike<number>, index?: number): number[] {
      if (row.length !== size) throw new RangeError(`scale: a row has ${size} numbers, got ${row.length}`);
      return Array.from(row, (x, i) => checked((x - centre[i]!) / spread[i]!, 'scale', x, i, index));
    },
    unscale(row: ArrayLike<number>, index?: number): number[] {
      if (row.length % size !== 0) {
        throw new RangeError(`unscale: a row has ${size} numbers, or a multiple of it, got ${row.length}`);
      }
      return Array.from(row, (x, i) => checked(x * spread[i % size]! + centre[i % size]!, 'unscale', x, i, index));
    },
  });
}

/** Gives what became of a number of a row, where it is finite. */
function checked(result: number, who: string, x: number, place: number, index?: number): number {
  if (Number.isFinite(result)) return result;
  const row = index === undefined ? 'a row' : `row ${index}`;
  const expected = Number.isFinite(x) ? `stay finite when ${who}d` : 'be finite';
  throw new RangeError(`${who}: number ${place} of ${row} must ${expected}, got ${show(x)}`);
}

function checkNumbers(who: string, option: string, value: unknown): void {
  if (!Array.isArray(value)) throw new TypeError(`${who}: ${option} must be a list of numbers, got ${show(value)}`);
  if (value.length === 0) throw new RangeError(`${who}: ${option} needs a number per column, got none`);
  for (const number of value) {
    if (Number.isFinite(number)) continue;
    throw new RangeError(`${who}: ${option} must be finite numbers, got ${show(number)}`);
  }
}
