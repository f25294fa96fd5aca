import type { OperatorFunction } from 'rxjs';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { operator } from '../flow/operator.js';
import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';

/** Over how many values errors are compared. */
export interface AnomalyLikelihoodOptions {
  /** Values of the long-term distribution; 8000 by default. */
  readonly long?: number;
  /** Values of the short-term mean; 10 by default. */
  readonly short?: number;
  /** Values before anything is said of them; 100 by default. */
  readonly minValues?: number;
}

/** How unusual the latest errors are; plain JSON. */
export interface AnomalyLikelihood {
  /** The error that came. */
  readonly value: number;
  /** `1 − Q((short mean − long mean) / deviation)`, in [0, 1]; 0.5 while there are too few values. */
  readonly likelihood: number;
  /** The same on a logarithmic scale that tells rare from very rare, in [0, 1]: `−log10(1 − likelihood + 1e-10) / 10`. */
  readonly score: number;
}

/**
 * Turns prediction errors into how unusual they are among those before: errors that are always large alarm nobody, while a
 * rise above what is usual does.
 *
 * ```
 * errors               -e-e-e-e-|
 * anomalyLikelihood()  -a-a-a-a-|     a: { value, likelihood, score }
 * ```
 *
 * The last `long` errors are taken as draws of a normal distribution, and the likelihood is that of a mean of the last
 * `short` ones below what came: Q is the tail of the standard normal distribution. Memory is `long` numbers. Sums are
 * computed again when an outlier leaves them: none is remembered longer, however large. Lavin and Ahmad, Evaluating
 * Real-Time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark, 2015. A RangeError at once where `short` is not
 * below `long`, and for errors that are not finite.
 *
 * ```ts
 * import { from, last } from 'rxjs';
 * import { anomalyLikelihood } from 'rxrnn';
 *
 * const errors = Array.from({ length: 300 }, (_, i) => (i < 295 ? (i * 7) % 5 : 20));
 * from(errors)
 *   .pipe(anomalyLikelihood({ short: 5 }), last())
 *   .subscribe(({ likelihood }) => console.log(likelihood > 0.999)); // -> true
 * ```
 */
export function anomalyLikelihood(given: AnomalyLikelihoodOptions = {}): OperatorFunction<number, AnomalyLikelihood> {
  given = options('anomalyLikelihood', given, {
    long: optional(positiveInteger),
    short: optional(positiveInteger),
    minValues: optional(positiveInteger),
  });
  const { long = 8000, short = 10, minValues = 100 } = given;
  if (short >= long) throw new RangeError(`anomalyLikelihood: short must be below long, ${long}, got ${short}`);

  return operator((subscriber) => {
    const ring = new Float64Array(long);
    let count = 0;
    let sum = 0; // of the values in the ring, in `unit`, less `origin`
    let squares = 0;
    let most = 0; // the largest that `squares` has been since it was summed up: its rounding errors are of that size
    let recent = 0; // of the last `short` values, in `unit`, less `origin`
    let origin = 0; // near the values, so that squares lose no digits
    let unit = 1; // what values are multiplied by, so that squares stay finite

    function sumUp(nearer = false): void {
      const kept = Math.min(count, long);
      const values = ring.subarray(0, kept);
      unit = unitOf(values);
      origin = values.reduce((total, x) => total + unit * x, 0) / kept;
      if (nearer) origin += values.reduce((total, x) => total + (unit * x - origin), 0) / kept; // equal values give 0
      sum = squares = recent = 0;
      for (let i = 0; i < kept; i++) {
        const x = unit * ring[i]! - origin;
        sum += x;
        squares += x * x;
      }
      most = squares;
      for (let i = 1; i <= Math.min(count, short); i++) recent += unit * ring[(count - i) % long]! - origin;
    }

    return {
      next(value) {
        if (!Number.isFinite(value)) refuse('anomalyLikelihood', `value ${count}`, 'a finite number', value, 'number');
        const oldest = count >= long ? unit * ring[count % long]! - origin : 0;
        const leaving = count >= short ? unit * ring[(count - short) % long]! - origin : 0;
        ring[count % long] = value;
        count += 1;
        const x = unit * value - origin;
        sum += x - oldest;
        squares += x * x - oldest * oldest;
        most = Math.max(most, squares);
        recent += x - leaving;
        // rounding errors of the sums end here
        if (count % long === 0 || count === minValues || Math.abs(x) > LARGEST) sumUp();
        const kept = Math.min(count, long);
        let mean = sum / kept;
        let deviation = Math.sqrt(Math.max(squares / kept - mean * mean, 0));
        if (count >= minValues && deviation * deviation * kept < LOST * most) {
          sumUp(true); // what was far larger, or elsewhere, has left
          mean = sum / kept;
          deviation = Math.sqrt(Math.max(squares / kept - mean * mean, 0));
        }
        const rise = recent / Math.min(count, short) - mean;
        const tail = count < minValues || deviation === 0 ? 0.5 : tailOf(rise / deviation);
        subscriber.next({ value, likelihood: 1 - tail, score: scoreOf(tail) });
      },
    };
  });
}

/** The share of the squares below which a variance has lost too many digits to their rounding errors. */
const LOST = 1e-6;
/** The largest value whose square is summed up, and the least that all may be below. */
const LARGEST = 2 ** 500;
const LEAST = 2 ** -400;

/** What to multiply values by, so that their squares neither overflow nor vanish: a power of two, which rounds nothing. */
function unitOf(values: Float64Array): number {
  const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (largest > LARGEST) return 2 ** -600;
  return largest > 0 && largest < LEAST ? 2 ** 600 : 1;
}

/** `−log10(tail + 1e-10) / 10`, held to [0, 1]. */
function scoreOf(tail: number): number {
  return Math.max(0, Math.min(1, -log(tail + 1e-10) / (10 * Math.LN10)));
}

/**
 * The tail of the standard normal distribution above z, by Chebyshev's fit of the complementary error function: its error is
 * 1.2e-7 of the value everywhere. Press et al., Numerical Recipes, 1992, section 6.2.
 */
function tailOf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  let sum = 0;
  for (const coefficient of ERFC) sum = sum * t + coefficient;
  const upper = 0.5 * t * exp(sum - x * x);
  return z >= 0 ? upper : 1 - upper;
}

const ERFC = [
  0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
  -1.26551223,
];
