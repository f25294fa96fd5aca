import type { Model } from '../model/model.js';
import type { State, Token } from '../types.js';
import { checkToken, reader } from './reader.js';
import { scored, type Surprisal } from './scored.js';

/** Where a reader of a stream starts: by default before its first token, with nothing read. */
export interface ReadFrom {
  /** The state before `previous` is read; zeros by default. */
  readonly initialState?: State;
  /**
   * The token before the first: −1, "no input", by default. `null` where there is none: the first token is then read
   * without being scored, as a window's first input is.
   */
  readonly previous?: Token | null;
}

/** Scores a stream's tokens one by one: the state is the accumulator of a `scan`, kept in one private tape. */
export interface Scorer {
  /** The surprisal of a token after those before; `undefined` where nothing is before it. */
  score(token: Token): Surprisal | undefined;
  /** Forgets what was read. */
  reset(): void;
  /** Gives the buffers back, for another stream. */
  release(): void;
}

/** `name` is the caller's, for messages. */
export function scorer(name: string, model: Model, { initialState, previous = -1 }: ReadFrom, topK: number): Scorer {
  const { read, nats, probabilities, tape } = reader(name, model);
  const { output } = tape;
  const width = model.outputSize;
  if (initialState) tape.setState(initialState);
  const every = Uint8Array.of(1);
  let before = previous;

  return {
    score(token) {
      if (before === null) {
        checkToken(name, token, width);
        before = token;
        return undefined;
      }
      read(before);
      const surprisal = scored(token, nats(token), output, probabilities(), 0, width, topK);
      before = token;
      return surprisal;
    },
    reset() {
      tape.reset(every);
      before = previous === null ? null : -1;
    },
    release: tape.release,
  };
}

/** Throws a RangeError that names the function unless `topK` is a whole number from 0. */
export function checkTopK(name: string, topK: number): void {
  if (Number.isSafeInteger(topK) && topK >= 0) return;
  throw new RangeError(`${name}: topK must be a whole number from 0, got ${topK}`);
}
