import { checkSize } from '../layer/checkSize.js';
import type { Seq2seq } from '../model/seq2seq.js';
import type { Random } from '../random/random.js';
import type { Numbers, Token } from '../types.js';
import type { DecodeOptions } from './checkDecodeOptions.js';
import { decodeTokens } from './decodeTokens.js';
import { likeliest } from './likeliest.js';
import { softmax } from './softmax.js';

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
  const { temperature = 1, topK } = options;
  if (!(temperature >= 0)) throw new RangeError(`sampleDecode: temperature must be 0 or more, got ${temperature}`);
  if (topK !== undefined) checkSize('sampleDecode', 'topK', topK);

  function draw(logits: Numbers): Token {
    if (temperature === 0) return likeliest('sampleDecode', logits, 1)[0]!;
    const probabilities = softmax(logits, temperature);
    if (topK === undefined || topK >= logits.length) return random.choice(probabilities);
    // `choice` divides by the sum of what is left.
    const weights = new Float64Array(logits.length);
    for (const token of likeliest('sampleDecode', logits, topK)) weights[token] = probabilities[token]!;
    return random.choice(weights);
  }
  return decodeTokens('sampleDecode', model, source, options, draw);
}
