import { optional } from '../check/optional.js';
import { checkState } from '../model/checkState.js';
import { anything } from '../check/anything.js';
import type { Checks } from '../check/options.js';
import { token as checkToken } from '../check/token.js';
import type { Model } from '../model/model.js';
import type { State, Token } from '../types.js';
import { reader } from './reader.js';
import type { StepRunner } from './stepRunner.js';
import { type Surprisal, surprisalOf } from './surprisalOf.js';

/** Where reading a stream starts: by default before its first token, from a state of zeros. */
export interface ReadFrom {
  /** The state before `previous` is read; zeros by default. */
  readonly initialState?: State;
  /**
   * The token before the first: −1, "no input", by default. With `null` there is none: the first token is then read but
   * not scored, as the first input of a window.
   */
  readonly previous?: Token | null;
}

/** The checks of these options; the model checks the token and the state when it reads them. */
export const READ_FROM_CHECKS: Checks<ReadFrom> = { initialState: optional(checkState), previous: anything };

/** Scores a stream's tokens one by one; the state is kept in one private tape, as the accumulator of a `scan`. */
export interface Scorer extends Pick<StepRunner, 'tape' | 'kept'> {
  /** The surprisal of a token after those before it; `undefined` where there are none. */
  score(token: Token): Surprisal | undefined;
  /** Forgets the tokens read; where windows are kept, between two of them. */
  reset(): void;
  /** Returns the buffers, for another stream. */
  release(): void;
}

/** Makes a scorer; `who` is the caller's name, for errors, and with `steps` it keeps windows as a step runner does. */
export function scorer(
  who: string,
  model: Model,
  { initialState, previous = -1 }: ReadFrom,
  topK: number,
  steps = 1,
): Scorer {
  const { read, nats, probabilities, tape, logits, kept } = reader(who, model, steps);
  const width = model.outputSize;
  if (initialState) tape.setState(initialState);
  const every = Uint8Array.of(1);
  let before = previous;
  let index = 0;

  return {
    score(token) {
      checkToken(who, token, width, index++);
      if (before === null) {
        before = token;
        return undefined;
      }
      read(before);
      const surprisal = surprisalOf(token, nats(token), logits(), probabilities(), 0, width, topK);
      before = token;
      return surprisal;
    },
    reset() {
      tape.reset(every);
      before = previous === null ? null : -1;
    },
    release: tape.release,
    tape,
    kept,
  };
}
