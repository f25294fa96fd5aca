import { drawing, type Sampler, type SamplingOptions } from './drawing.js';

/**
 * Makes a function that draws a token from one row of logits, again and again: it keeps its scratch and allocates
 * nothing a draw.
 *
 * The logits are divided by the temperature, all but the `topK` likeliest are left out, then all but the nucleus
 * `topP`, and one is drawn of what is left: one `choice` of `random`. Of equal logits the lower token is the likelier.
 * The function takes another temperature as its second argument. A RangeError where the logits are not finite
 * (a single −Infinity is a token that cannot come).
 */
export function sampler(options: SamplingOptions = {}): Sampler {
  return drawing('sampler', options);
}
