import { drawsTokens } from './drawsTokens.js';
import { checkSeq2seq } from './checkSeq2seq.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { Seq2seq } from '../model/seq2seq.js';
import type { Random } from '../random/random.js';
import type { Token } from '../types.js';
import { decodeChecks, type DecodeOptions, decodeTokens } from './decodeTokens.js';
import { checkTemperature, makeSampler } from './makeSampler.js';

/** How the tokens of a target are drawn. */
export interface SampleDecodeOptions extends DecodeOptions {
  /**
   * Divides the logits; 1 by default. At 0 the most likely token is taken, as by `greedyDecode`, and nothing is drawn.
   */
  readonly temperature?: number | undefined;
  /** Draws from this many of the most likely tokens only, of equal ones the lower first; from all by default. */
  readonly topK?: number | undefined;
}

/**
 * Draws a target token by token from the softmax of the logits, the end token included; the decoder reads each token
 * that was drawn. One `choice` of `random` per token. A RangeError where logits are not finite.
 */
export function sampleDecode(model: Seq2seq, source: Int32Array, random: Random, given: SampleDecodeOptions): Token[] {
  checkSeq2seq('sampleDecode', model, source);
  drawsTokens('sampleDecode', 'random', random);
  given = options('sampleDecode', given, {
    ...decodeChecks(model),
    temperature: optional(checkTemperature),
    topK: optional(positiveInteger),
  });
  const { temperature, topK } = given;
  const draw = makeSampler('sampleDecode', { temperature, topK, random });
  return decodeTokens(model, source, given, (logits) => draw(logits));
}
