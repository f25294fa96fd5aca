import { log } from '../kernel/math/log.js';

/** Says how rare it is that a value is so large, by the values before it. */
export interface TailRarity {
  /** −log2 of the share of values that were as large; then counts this one. */
  add(value: number): number;
  readonly state: { readonly buckets: Float64Array; readonly numbers: Float64Array };
}

const PER_UNIT = 4;
const BUCKETS = 32 * PER_UNIT;
const MEMORY = 4096; // values: no rarity is above 13 bits

/** Makes a measure of rarity of values from 0 up, those from 32 on alike; counts of about the last 4096 values. */
export function tailRarity(): TailRarity {
  const buckets = new Float64Array(BUCKETS);
  const numbers = Float64Array.of(0, 1); // the sum of weights, the next weight
  return {
    add(value) {
      const place = Math.min(BUCKETS - 1, Math.floor(value * PER_UNIT));
      let above = 0;
      for (let i = BUCKETS - 1; i >= place; i--) above += buckets[i]!;
      const weight = numbers[1]!;
      const total = place === 0 ? above : numbers[0]!;
      buckets[place]! += weight;
      numbers[0]! += weight;
      numbers[1] = weight * (1 + 1 / MEMORY);
      if (numbers[1] > 1e100) {
        for (let i = 0; i < BUCKETS; i++) buckets[i]! /= weight;
        numbers[0]! /= weight;
        numbers[1] = 1 + 1 / MEMORY;
      }
      return place === 0 ? 0 : log((total + weight) / (above + 0.5 * weight)) / Math.LN2;
    },
    state: { buckets, numbers },
  };
}
