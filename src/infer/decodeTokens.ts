import { optional } from '../check/optional.js';
import type { Checks } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Seq2seq } from '../model/seq2seq.js';
import type { Numbers, Token } from '../types.js';

/** What every decoder of an encoder–decoder needs to know. */
export interface DecodeOptions {
  /** The decoder's first input: the token that begins every target. */
  readonly start: Token;
  /** Decoding stops after this token, which is the last one returned; without it only `maxTokens` stops it. */
  readonly end?: Token | undefined;
  /** The most tokens to return, the end token included: a positive integer. */
  readonly maxTokens: number;
}

/** The checks of these options for one model; the model's step checks the start token. */
export function decodeChecks(model: Seq2seq): Checks<DecodeOptions> {
  return {
    start: wholeNumber(-Infinity),
    end: optional(wholeNumber(0, model.outputSize - 1)),
    maxTokens: positiveInteger,
  };
}

/**
 * Decodes one target token after another: `choose` picks each from the logits of its step. The decoder reads the start
 * token, then always `feed`, or without it the token chosen last.
 */
export function decodeTokens(
  model: Seq2seq,
  source: Int32Array,
  { start, end, maxTokens, feed }: DecodeOptions & { readonly feed?: Token | undefined },
  choose: (logits: Numbers) => Token,
): Token[] {
  const target: Token[] = [];
  let state = model.encode(source);
  let input = start;
  while (target.length < maxTokens && (target.length === 0 || target.at(-1) !== end)) {
    const next = model.step(input, state);
    const token = choose(next.output.data);
    target.push(token);
    input = feed ?? token;
    state = next.state;
  }
  return target;
}
