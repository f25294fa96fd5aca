import { expPair, expRest } from './expPair.js';

/** Above this, the series is used: as far from 0, the pair of e^x has few enough leading places in common with 1. */
const NEAR = -0.03125;

/**
 * Gives 1 − e^x in double precision for x up to 0, with all digits where it is small: to about half a unit in the last
 * place. 0 for both zeros, NaN for NaN.
 *
 * The same bits on every engine. Next to 0 the Taylor series to x^9, elsewhere what the pair of e^x lacks to 1.
 */
export function oneMinusExp(x: number): number {
  if (x > NEAR) return 0 - (x + x * (x * series(x)));
  if (x < -40) return 1;
  const power = expPair(x);
  const sum = 1 - power;
  return sum + (1 - sum - power - expRest[0]!);
}

/** (e^x − 1 − x) / x², to x^7. */
function series(x: number): number {
  const square = x * x;
  const fourth = square * square;
  const head = 1 / 2 + x * (1 / 6) + square * (1 / 24 + x * (1 / 120));
  return head + fourth * (1 / 720 + x * (1 / 5040) + square * (1 / 40320 + x * (1 / 362880)));
}
