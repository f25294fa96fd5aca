import type { OperatorFunction } from 'rxjs';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { operator } from '../flow/operator.js';
import { log } from '../kernel/math/log.js';
import { sortedWindow } from './sortedWindow.js';

/** What a number is compared with. */
export interface TailSurprisalOptions {
  /** How many of the last numbers are kept: 16384 by default. */
  readonly most?: number;
  /** Numbers before anything is said of them; 50 by default. */
  readonly minValues?: number;
}

/** The share of the largest numbers that the tail is estimated from, and how many there are at least. */
const TAIL = 0.02;
const TAIL_LEAST = 10;
/** The least mean logarithm in the tail: no tail is taken for lighter than that. */
const LIGHTEST = 0.05;

/**
 * Says how surprising the size of each number is among those before it, in bits: −log2 of the share that is as large.
 *
 * ```
 * values           -v-v-v-v-|
 * tailSurprisal()  -b-b-b-b-|     b: 0 while there are too few
 * ```
 *
 * Within what was seen, that is counted. Beyond the largest 2 %, whose least is u, the share of numbers above v is taken to
 * fall as a power of v / u, with the exponent that the numbers beyond u show: errors with heavy tails raise no more alarms
 * than others. Memory is `most` numbers, and each one costs a binary search and a move. Hill, A Simple General Approach to
 * Inference About the Tail of a Distribution, 1975. A RangeError for values that are not finite.
 *
 * ```ts
 * import { from, last } from 'rxjs';
 * import { tailSurprisal } from 'rxrnn';
 *
 * from([...Array.from({ length: 1000 }, (_, i) => 1 + ((i * 7) % 10) / 10), 50])
 *   .pipe(tailSurprisal(), last())
 *   .subscribe((bits) => console.log(bits > 20)); // -> true
 * ```
 */
export function tailSurprisal(given: TailSurprisalOptions = {}): OperatorFunction<number, number> {
  given = options('tailSurprisal', given, { most: optional(positiveInteger), minValues: optional(positiveInteger) });
  const { most = 16384, minValues = 50 } = given;

  return operator((subscriber) => {
    const kept = sortedWindow(most);
    let count = 0;

    function nats(value: number): number {
      const [size, sorted] = [kept.size(), kept.sorted()];
      const tail = Math.min(size, Math.max(TAIL_LEAST, Math.floor(TAIL * size)));
      const edge = sorted[size - tail]!;
      if (!(value > edge && edge > 0)) return log((size + 1) / (size - kept.below(value) + 1));
      let sum = 0;
      for (let i = size - tail; i < size; i++) sum += logRatio(sorted[i]!, edge);
      return log(size / tail) + logRatio(value, edge) / Math.max(sum / tail, LIGHTEST);
    }

    return {
      next(value) {
        if (!Number.isFinite(value)) refuse('tailSurprisal', `value ${count}`, 'a finite number', value, 'number');
        const bits = kept.size() < minValues ? 0 : nats(value) / Math.LN2;
        kept.keep(value);
        count += 1;
        subscriber.next(bits);
      },
    };
  });
}

/** ln(a / b), also where the quotient is beyond what a number holds. */
function logRatio(a: number, b: number): number {
  const ratio = a / b;
  return ratio === Infinity ? log(a) - log(b) : log(ratio);
}
