import type { Numbers, Token } from '../types.js';
import { drawing, type SamplingOptions } from './drawing.js';

/**
 * Draws a token from one row of logits, which stays as it is: a `sampler` used once.
 *
 * `sampleToken(logits, { temperature: 0 })` is the likeliest, of equal ones the lower. A RangeError where the logits
 * are not finite; a TypeError without `random` where the temperature is not 0.
 *
 * ```ts
 * import { sampleToken, seeded } from 'rxrnn';
 *
 * const logits = Float32Array.of(1, 3, 2);
 * console.log(sampleToken(logits, { temperature: 0 })); // -> 1
 * console.log(sampleToken(logits, { random: seeded('dice'), topK: 2 })); // -> 2
 * ```
 */
export function sampleToken(logits: Numbers, options: SamplingOptions): Token {
  return drawing('sampleToken', options)(logits);
}
