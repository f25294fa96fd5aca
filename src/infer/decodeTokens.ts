import type { Seq2seq } from '../model/seq2seq.js';
import type { Numbers, Token } from '../types.js';
import { checkDecodeOptions, type DecodeOptions } from './checkDecodeOptions.js';

/**
 * One target token after another, each what `choose` makes of the logits of its step. The decoder is told the start
 * token, then `feed`, or without it what was last chosen. `name` is the caller's, for messages.
 */
export function decodeTokens(
  name: string,
  model: Seq2seq,
  source: Int32Array,
  options: DecodeOptions & { readonly feed?: Token },
  choose: (logits: Numbers) => Token,
): Token[] {
  checkDecodeOptions(name, model, options);
  const { start, end, maxTokens, feed } = options;
  const target: Token[] = [];
  let state = model.encode(source);
  let told = start;
  while (target.length < maxTokens && (target.length === 0 || target.at(-1) !== end)) {
    const next = model.step(told, state);
    const token = choose(next.output.data);
    target.push(token);
    told = feed ?? token;
    state = next.state;
  }
  return target;
}
