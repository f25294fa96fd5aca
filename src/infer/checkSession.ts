import { show } from '../check/show.js';
import { token as checkToken } from '../check/token.js';
import type { State, Token } from '../types.js';

/** The state of one key's stream: enough to continue it, here or elsewhere by `initialState` and `previous`. */
export interface Session<K, P = Token> {
  readonly key: K;
  /** The state before `previous` is read, of one lane. */
  readonly state: State;
  /** The last token; of a stream of rows, the last row. */
  readonly previous: P;
  /** How many of its tokens or rows were read; in a session of `generateByKey`, how many were drawn. */
  readonly tokens: number;
}

/** Refuses a restored session whose last token or count is none. */
export function checkSession(
  who: string,
  { previous, tokens }: Session<unknown, unknown>,
  key: unknown,
  inputSize: number | undefined,
): void {
  const session = `the restored session of ${show(key)}`;
  if (inputSize !== undefined && previous !== -1) {
    try {
      checkToken(who, previous as Token, inputSize);
    } catch {
      throw new RangeError(
        `${who}: ${session} must have a token below ${inputSize} or -1 as previous, got ${show(previous)}`,
      );
    }
  }
  if (!(Number.isSafeInteger(tokens) && tokens >= 0)) {
    throw new RangeError(`${who}: ${session} must have a count of tokens, got ${show(tokens)}`);
  }
}

/** Refuses a restored session whose numbers do not fit. */
export function checkSessionState(who: string, zeros: State, given: State, key: unknown): void {
  if (typeof (given as Partial<State> | null | undefined)?.get !== 'function') {
    throw new TypeError(
      `${who}: the restored session of ${show(key)} needs a state, got ${given === undefined ? 'none' : show(given)}`,
    );
  }
  for (const [name, { data }] of zeros) {
    const from = given.get(name)?.data;
    const length = from?.length;
    if (from && length === data.length) {
      if (from.every(Number.isFinite)) continue;
      throw new RangeError(`${who}: the restored session of ${show(key)} has numbers of ${name} that are not finite`);
    }
    throw new RangeError(
      `${who}: the restored session of ${show(key)} needs ${data.length} numbers of ${name}, ` +
        `got ${length ?? 'none'}`,
    );
  }
}
