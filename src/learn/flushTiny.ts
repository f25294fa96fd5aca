import { leastAverage } from '../kernel/leastAverage.js';
import type { Numbers } from '../types.js';

/** The smallest normal numbers. */
const SINGLE = 1.1754943508222875e-38;
const DOUBLE = 2.2250738585072014e-308;

/**
 * Sets weights that have decayed to less than an average may be to zero, and numbers of moments that have become subnormal.
 *
 * Where gradients stay zero, weight decay takes a weight through subnormal numbers, as it takes the averages of rules that
 * do not look after them, and each update costs up to sixty times as much from then on. Zeros keep their sign.
 */
export function flushTiny(weights: Numbers, moments: Readonly<Record<string, Numbers>>): void {
  flush(weights, leastAverage(weights).least);
  const least = weights instanceof Float32Array ? SINGLE : DOUBLE;
  for (const moment of Object.values(moments)) flush(moment, least);
}

function flush(numbers: Numbers, least: number): void {
  for (let i = 0; i < numbers.length; i++) {
    const x = numbers[i]!;
    if (x < least && x > -least && x !== 0) numbers[i] = 0;
  }
}
