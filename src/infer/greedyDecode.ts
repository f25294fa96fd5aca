import { checkSeq2seq } from './checkSeq2seq.js';
import { anything } from '../check/anything.js';
import { options } from '../check/options.js';
import type { Seq2seq } from '../model/seq2seq.js';
import type { Token } from '../types.js';
import { decodeChecks, type DecodeOptions, decodeTokens } from './decodeTokens.js';
import { topTokens } from './topTokens.js';

/** What a greedy decoder starts from, reads and stops at. */
export interface GreedyDecodeOptions extends DecodeOptions {
  /**
   * What the decoder reads after the start token: by default the token it chose last, as it must where the target is
   * not known; or always this token, for parity with programs that decode without feeding back.
   */
  readonly feed?: Token | undefined;
}

/**
 * Translates a source by an encoder–decoder, taking the most likely target token at each step; the end token is
 * included. Of equal logits the lower token is taken. A RangeError where logits are not finite.
 */
export function greedyDecode(model: Seq2seq, source: Int32Array, given: GreedyDecodeOptions): Token[] {
  checkSeq2seq('greedyDecode', model, source);
  given = options('greedyDecode', given, { ...decodeChecks(model), feed: anything });
  return decodeTokens(model, source, given, (logits) => topTokens('greedyDecode', logits, 1)[0]!);
}
