import { options } from '../check/options.js';
import type { Numbers, Token } from '../types.js';
import { makeSampler, SAMPLING_CHECKS, type SamplingOptions } from './makeSampler.js';

/**
 * Draws a token from one row of logits, which it does not change: a `sampler` used once.
 *
 * `sampleToken(logits, { temperature: 0 })` is the most likely token, of equal ones the lower. A RangeError where the
 * logits are not finite; a TypeError without `random` where the temperature is not 0.
 *
 * ```ts
 * import { sampleToken, seeded } from 'rxrnn';
 *
 * const logits = Float32Array.of(1, 3, 2);
 * console.log(sampleToken(logits, { temperature: 0 })); // -> 1
 * console.log(sampleToken(logits, { random: seeded('dice'), topK: 2 })); // -> 2
 * ```
 */
export function sampleToken(logits: Numbers, given: SamplingOptions): Token {
  given = options('sampleToken', given, SAMPLING_CHECKS);
  return makeSampler('sampleToken', given)(logits);
}
