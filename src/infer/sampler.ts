import { options } from '../check/options.js';
import { makeSampler, type Sampler, SAMPLING_CHECKS, type SamplingOptions } from './makeSampler.js';

/**
 * Makes a function that draws a token from one row of logits, again and again: it keeps its buffers and allocates
 * nothing per draw.
 *
 * The logits are divided by the temperature, all but the `topK` most likely tokens are left out, then all but the
 * nucleus `topP`, and one of the rest is drawn: one `choice` of `random`. Of equal logits the lower token counts as
 * more likely. The function takes another temperature as its second argument. A RangeError where the logits are not
 * finite; a single −Infinity is allowed and marks a token that cannot come.
 */
export function sampler(given: SamplingOptions = {}): Sampler {
  given = options('sampler', given, SAMPLING_CHECKS);
  return makeSampler('sampler', given);
}
