import type { Seq2seq } from '../model/seq2seq.js';
import type { Token } from '../types.js';
import type { DecodeOptions } from './checkDecodeOptions.js';
import { decodeTokens } from './decodeTokens.js';
import { likeliest } from './likeliest.js';

/** What a decoder is told of its own answers. */
export interface GreedyDecodeOptions extends DecodeOptions {
  /**
   * What the decoder is told after the start token: its own last answer by default, as it must be where the target is
   * not known; or always this token, for parity with programs that decode without feeding back.
   */
  readonly feed?: Token;
}

/**
 * The likeliest target token by token: what an encoder–decoder makes of a source, the end token included. Of equal
 * logits the lower token. A RangeError where logits are not finite.
 */
export function greedyDecode(model: Seq2seq, source: Int32Array, options: GreedyDecodeOptions): Token[] {
  return decodeTokens('greedyDecode', model, source, options, (logits) => likeliest('greedyDecode', logits, 1)[0]!);
}
