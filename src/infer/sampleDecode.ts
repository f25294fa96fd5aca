import type { Seq2seq } from '../model/seq2seq.js';
import type { Random } from '../random/random.js';
import type { Token } from '../types.js';
import type { DecodeOptions } from './checkDecodeOptions.js';
import { decodeTokens } from './decodeTokens.js';
import { drawing } from './drawing.js';

/** How the tokens of a target are drawn. */
export interface SampleDecodeOptions extends DecodeOptions {
  /** Divides the logits; 1 by default. At 0 the likeliest token is taken, as `greedyDecode` does, and nothing drawn. */
  readonly temperature?: number;
  /** Draws from this many of the likeliest tokens only, a lower token before a higher one as likely; all by default. */
  readonly topK?: number;
}

/**
 * A target drawn token by token from the softmax of the logits, the end token included; the decoder is told what was
 * drawn. One `choice` of `random` a token. A RangeError where logits are not finite.
 */
export function sampleDecode(
  model: Seq2seq,
  source: Int32Array,
  random: Random,
  options: SampleDecodeOptions,
): Token[] {
  const { temperature, topK } = options;
  const draw = drawing('sampleDecode', { temperature, topK, random });
  return decodeTokens('sampleDecode', model, source, options, (logits) => draw(logits));
}
