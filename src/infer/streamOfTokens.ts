import { isInt32 } from '../check/isInt32.js';
import { notAToken } from '../check/notAToken.js';
import { token as checkToken } from '../check/token.js';
import type { Model } from '../model/model.js';
import type { Token } from '../types.js';
import type { StreamOf } from './learnByKey.js';
import { reader } from './reader.js';
import { type Surprisal, surprisalOf } from './surprisalOf.js';

/** Streams of tokens. */
export function streamOfTokens(who: string, model: Model, topK: number): StreamOf<Token, Token, Surprisal> {
  const { tape, read, nats, probabilities, logits } = reader(who, model);
  const { outputSize: width } = model;
  return {
    tape,
    take(token, index) {
      if (!isInt32(token)) throw notAToken(who, index, token);
      checkToken(who, token, width);
      return token;
    },
    read,
    judge: (token) => surprisalOf(token, nats(token), logits(), probabilities(), 0, width, topK),
    window(tokens) {
      const all = Int32Array.from(tokens);
      return { steps: all.length - 1, lanes: 1, inputs: all.slice(0, -1), targets: all.slice(1) };
    },
  };
}
