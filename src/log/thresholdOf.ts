/** A threshold that one value in so many is above, of the values so far. */
export interface Threshold {
  /** Above what a value is rare; Infinity while there are too few values. */
  readonly value: number;
  add(value: number): void;
  readonly state: { readonly buckets: Float64Array; readonly numbers: Float64Array };
}

/** The values so far, of which older ones count less. */
interface SeenValues {
  /** How many there were. */
  readonly count: number;
  /** How many of them count at most: those of the last 20 times `oneIn`. */
  readonly known: number;
  /** Above what one value in `oneIn` is, what these weigh, and the sum of how far above it they are. */
  tail(oneIn: number): { readonly from: number; readonly weight: number; readonly excess: number };
}

/** What one value in `oneIn` will be above, judged by the values so far. */
export type Limit = (values: SeenValues, oneIn: number) => number;

const PER_UNIT = 16;
const BUCKETS = 64 * PER_UNIT;
const MEMORY = 20; // so many times `oneIn` values later a value counts e times less
const EVERY = 16; // values between two looks
const FIRST = 10; // values that fade as one does

/**
 * Makes a threshold for values from 0 up: a histogram of sixteenths, whose counts are forgotten slowly, so that at most 20 times
 * `oneIn` values count. From `least` values on it is what `limitOf` says of them. With `fading` a value weighs as much as its
 * number to that power while there are few: what is new in a log is so in its first lines above all, and says little of later ones.
 */
export function thresholdOf(oneIn: number, least: number, limitOf: Limit, fading = 0): Threshold {
  const buckets = new Float64Array(BUCKETS);
  const numbers = Float64Array.of(0, 0, 1, Infinity); // values, sum of weights, the next weight, threshold
  const [COUNT, TOTAL, WEIGHT, VALUE] = [0, 1, 2, 3] as const;
  let top = BUCKETS - 1; // no bucket above it has counts; those of a state are copied in before the first look
  const growth = 1 + 1 / (oneIn * MEMORY);

  const values: SeenValues = {
    get count() {
      return numbers[COUNT]!;
    },
    get known() {
      return Math.min(numbers[COUNT]!, oneIn * MEMORY);
    },
    tail(oneIn) {
      const total = numbers[TOTAL]!;
      let above = 0;
      let sum = 0; // of the middles of buckets
      while (top > 0 && buckets[top] === 0) top--;
      let i = top;
      for (; i > 0 && (above + buckets[i]!) * oneIn <= total; i--) {
        above += buckets[i]!;
        sum += buckets[i]! * (i + 0.5);
      }
      const from = (i + 1) / PER_UNIT;
      const weight = above / numbers[WEIGHT]!;
      return { from, weight, excess: sum / numbers[WEIGHT]! / PER_UNIT - weight * from };
    },
  };

  return {
    get value() {
      return numbers[COUNT]! < least ? Infinity : numbers[VALUE]!;
    },
    add(value) {
      const place = Math.min(BUCKETS - 1, Math.max(0, Math.floor(value * PER_UNIT)));
      buckets[place]! += numbers[WEIGHT]!;
      if (place > top) top = place;
      numbers[TOTAL]! += numbers[WEIGHT]!;
      numbers[COUNT]! += 1;
      numbers[WEIGHT]! *= Math.max(growth, 1 + fading / (numbers[COUNT]! + FIRST));
      if (numbers[WEIGHT]! > 1e100) {
        for (let i = 0; i < BUCKETS; i++) buckets[i]! /= numbers[WEIGHT]!;
        numbers[TOTAL]! /= numbers[WEIGHT]!;
        numbers[WEIGHT] = 1;
      }
      if (numbers[COUNT]! % EVERY === 0) numbers[VALUE] = limitOf(values, oneIn);
    },
    state: { buckets, numbers },
  };
}
