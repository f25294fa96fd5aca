import { log } from '../kernel/math/log.js';

/** A threshold that one value in so many is above, of the values so far. */
export interface Threshold {
  /** Above what a value is rare; Infinity while there are too few values. */
  readonly value: number;
  add(value: number): void;
  readonly state: { readonly buckets: Float64Array; readonly numbers: Float64Array };
}

const PER_UNIT = 16;
const BUCKETS = 64 * PER_UNIT;
const MEMORY = 20; // so many times `oneIn` values later a value counts e times less
const EVERY = 16; // values between two looks
const FEW = 100; // the quantile that is known while there are few values

/**
 * Makes a threshold as a quantile of values from 0 up: a histogram of sixteenths, whose counts are forgotten slowly. With
 * fewer values than twice `oneIn` it is at least `margin` times what one in a hundred is above. Before any value one in 2^n is
 * taken to be above `scale` · n; that belief weighs as much as `oneIn` values above nothing, and so fades as they come, but
 * never entirely: at most 20 times `oneIn` values count, so that the threshold stays above `scale` · log2(oneIn / 21).
 */
export function thresholdOf(oneIn: number, least: number, margin: number, scale: number): Threshold {
  const buckets = new Float64Array(BUCKETS);
  const numbers = Float64Array.of(0, 0, 1, Infinity); // values, sum of weights, the next weight, threshold
  const [COUNT, TOTAL, WEIGHT, VALUE] = [0, 1, 2, 3] as const;
  const growth = 1 + 1 / (oneIn * MEMORY);

  function look(): void {
    const total = numbers[TOTAL]!;
    let above = 0;
    let i = BUCKETS - 1;
    while (i > 0 && (above + buckets[i]!) * oneIn <= total) above += buckets[i--]!;
    let value = (i + 1) / PER_UNIT;
    if (numbers[COUNT]! < 2 * oneIn) {
      let edge = BUCKETS - 1;
      for (let seen = 0; edge > 0 && (seen + buckets[edge]!) * FEW <= total; edge--) seen += buckets[edge]!;
      value = Math.max(value, ((edge + 1) / PER_UNIT) * margin);
    }
    const believed = (scale * log(oneIn / (1 + total / numbers[WEIGHT]! / oneIn))) / Math.LN2;
    numbers[VALUE] = Math.max(value, believed);
  }

  return {
    get value() {
      return numbers[COUNT]! < least ? Infinity : numbers[VALUE]!;
    },
    add(value) {
      const place = Math.min(BUCKETS - 1, Math.max(0, Math.floor(value * PER_UNIT)));
      buckets[place]! += numbers[WEIGHT]!;
      numbers[TOTAL]! += numbers[WEIGHT]!;
      numbers[WEIGHT]! *= growth;
      numbers[COUNT]! += 1;
      if (numbers[WEIGHT]! > 1e100) {
        for (let i = 0; i < BUCKETS; i++) buckets[i]! /= numbers[WEIGHT]!;
        numbers[TOTAL]! /= numbers[WEIGHT]!;
        numbers[WEIGHT] = 1;
      }
      if (numbers[COUNT]! % EVERY === 0) look();
    },
    state: { buckets, numbers },
  };
}
