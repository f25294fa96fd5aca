import { expPair, expRest } from './expPair.js';
import { quotient } from './quotient.js';

/** Below this in size tanh x rounds to x. */
const TINY = 3.7252902984619140625e-9;

/** Below this in size the Taylor series is taken. */
const SMALL = 0.125;

/** From here on tanh x rounds to 1. */
const LARGE = 19.0625;

/**
 * Gives the hyperbolic tangent in double precision, correctly rounded except for one argument in a thousand (near 1/8, the
 * worst place, four); the error is under 0.53 units in the last place.
 *
 * Odd: tanh(-x) is -tanh(x) to the bit, and -0 stays -0. NaN for NaN. The same bits on every engine.
 * Below 1/8 the Taylor series x - x^3/3 + ...; above, (e^2x - 1) / (e^2x + 1) from the pair of e^2x.
 */
export function tanh(x: number): number {
  const size = Math.abs(x);
  if (size < SMALL) return size < TINY ? x : series(x);
  if (size >= LARGE) return x > 0 ? 1 : -1;
  if (!(size > 0)) return x;
  const power = expPair(2 * size);
  const rest = expRest[0]!;
  const above = power - 1;
  const below = power + 1;
  const value = quotient(above, power - above - 1 + rest, below, power - below + 1 + rest);
  return x > 0 ? value : -value;
}

function series(x: number): number {
  const square = x * x;
  const fourth = square * square;
  const head = -1 / 3 + square * (2 / 15) + fourth * (-17 / 315 + square * (62 / 2835));
  const tail =
    -1382 / 155925 + square * (21844 / 6081075) + fourth * (-929569 / 638512875 + square * (6404582 / 10854718875));
  return x + x * (square * (head + fourth * fourth * tail));
}
