import type { Seq2seq } from '../model/seq2seq.js';
import type { Token } from '../types.js';

export interface GreedyDecodeOptions {
  readonly start: Token;
  /** Decoding stops after this token, which is the last one given; without it only `maxTokens` stops it. */
  readonly end?: Token;
  /** The most tokens to give. */
  readonly maxTokens: number;
  /**
   * What the decoder is told after the start token: its own last answer by default, as it must be where the target is
   * not known; or always this token, for parity with programs that decode without feeding back.
   */
  readonly feed?: Token;
}

/** The likeliest target token by token: what an encoder–decoder makes of a source, the end token included. */
export function greedyDecode(model: Seq2seq, source: Int32Array, options: GreedyDecodeOptions): Token[] {
  const { start, end, maxTokens, feed } = options;
  const target: Token[] = [];
  let state = model.encode(source);
  let told = start;
  while (target.length < maxTokens && (target.length === 0 || target.at(-1) !== end)) {
    const next = model.step(told, state);
    const { data } = next.output;
    let best = 0;
    for (let i = 1; i < data.length; i++) if (data[i]! > data[best]!) best = i;
    target.push(best);
    told = feed ?? best;
    state = next.state;
  }
  return target;
}
