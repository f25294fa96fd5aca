import { checkSize } from '../layer/checkSize.js';
import type { Seq2seq } from '../model/seq2seq.js';
import type { Token } from '../types.js';

/** What every decoder of an encoder–decoder is told. */
export interface DecodeOptions {
  /** What the decoder is told first: the `start` of the model, as a rule. */
  readonly start: Token;
  /** Decoding stops after this token, which is the last one given; without it only `maxTokens` stops it. */
  readonly end?: Token;
  /** The most tokens to give, the end token included: a positive integer. */
  readonly maxTokens: number;
}

/** Throws a RangeError that names the decoder and its option; the start token is checked by the model's step. */
export function checkDecodeOptions(name: string, model: Seq2seq, { end, maxTokens }: DecodeOptions): void {
  checkSize(name, 'maxTokens', maxTokens);
  const size = model.outputSize;
  if (end !== undefined && !(Number.isInteger(end) && end >= 0 && end < size)) {
    throw new RangeError(`${name}: end must be a token of the vocabulary of ${size}, got ${end}`);
  }
}
