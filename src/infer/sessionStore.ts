import type { Numbers, State, Token } from '../types.js';
import { checkSession, checkSessionState, type Session } from './checkSession.js';
import { stateOf, writeState } from './stateOf.js';

/** Why a session is evicted: too many sessions, too long without a token, or the end of the stream. */
export type EvictionReason = 'count' | 'idle' | 'end';

/** How many sessions are kept, how they start, and what happens to those evicted. */
export interface SessionStoreOptions<K, P = Token> {
  /** The operator, for messages. */
  readonly who?: string;
  readonly maxSessions: number;
  /** Tokens that the model reads run from −1 to below this; absent for rows, which are checked when they are read. */
  readonly inputSize?: number | undefined;
  /** The state of one lane before the first token. */
  readonly zeros: State;
  /** Throws where the last row of a restored session is none. */
  readonly checkPrevious?: ((previous: P) => void) | undefined;
  readonly evicted?: ((session: Session<K, P>, reason: EvictionReason) => void) | undefined;
  readonly restore?: ((key: K) => Session<K, P> | undefined) | undefined;
}

/** The session of a key cannot be restored: `cause` is why. It is the error of that key alone. */
export class NotRestored {
  readonly cause: unknown;
  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/** A session while it is kept, in a list from the least recently used to the most; later that of another key. */
interface Kept<K, P> {
  key: K;
  /** The state before `previous` is read, of one lane, as `Tape.readLane` gives it: in `numbers` from `place` on. */
  readonly numbers: Numbers;
  readonly place: number;
  /** The last token or row, which the model has not read yet. */
  previous: P;
  tokens: number;
  /** The last pass that its stream was in. */
  pass: number;
  /** When its last token was read. */
  touched: number;
  /** The session used last before this one. */
  older: Kept<K, P> | undefined;
  newer: Kept<K, P> | undefined;
}

/** Sessions whose numbers share an array. */
const TOGETHER = 64;

/** Sessions, the least recently used first; one beyond `maxSessions` evicts the first. Each call takes constant time. */
export interface SessionStore<K, P = Token> {
  /**
   * Returns the session of a key, which becomes the most recent and joins the pass; a new one starts with `previous`.
   * `undefined`, and nothing changes, where it is in the pass already; `NotRestored`, and nothing changes, where `restore`
   * throws or what it returns is not a session.
   */
  join(key: K, pass: number, now: number, previous: P): Kept<K, P> | NotRestored | undefined;
  /** Evicts the sessions whose last token is not after `limit`. */
  evict(limit: number, reason: EvictionReason): void;
  /** When the least recent session was used; `undefined` where there is none. */
  oldest(): number | undefined;
}

/** Makes an empty store of sessions. */
export function sessionStore<K, P = Token>({
  who = 'surprisalByKey',
  maxSessions,
  inputSize,
  zeros,
  checkPrevious,
  evicted,
  restore,
}: SessionStoreOptions<K, P>): SessionStore<K, P> {
  const kept = new Map<K, Kept<K, P>>(); // finds sessions; to find the first key of a Map is linear in those deleted
  let first: Kept<K, P> | undefined; // the least recently used
  let last: Kept<K, P> | undefined;
  const parts = [...zeros.values()].map(({ data }) => data);
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const free: Kept<K, P>[] = []; // those of evicted keys, and others not used yet

  /** A session to use for a key. Numbers of many share an array: small arrays of their own would cost as much again. */
  function blank(key: K, previous: P): Kept<K, P> {
    if (free.length === 0) {
      const count = Math.min(TOGETHER, maxSessions);
      const numbers =
        parts[0] instanceof Float64Array ? new Float64Array(count * size) : new Float32Array(count * size);
      for (let i = count - 1; i >= 0; i--) {
        free.push({
          key,
          numbers,
          place: i * size,
          previous,
          tokens: 0,
          pass: 0,
          touched: NaN,
          older: undefined,
          newer: undefined,
        });
      }
    }
    return free.pop()!;
  }
  function restored(key: K): Session<K, P> | NotRestored | undefined {
    try {
      const known = restore?.(key);
      if (!known) return undefined;
      const { state, previous, tokens } = known;
      const session = { key, state, previous, tokens };
      checkSession(who, session, key, inputSize);
      checkSessionState(who, zeros, state, key);
      checkPrevious?.(previous);
      return session;
    } catch (error) {
      return new NotRestored(error);
    }
  }
  function append(session: Kept<K, P>): void {
    session.older = last;
    session.newer = undefined;
    if (last === undefined) first = session;
    else last.newer = session;
    last = session;
  }
  function unlink({ older, newer }: Kept<K, P>): void {
    if (older === undefined) first = newer;
    else older.newer = newer;
    if (newer === undefined) last = older;
    else newer.older = older;
  }
  function remove(session: Kept<K, P>, reason: EvictionReason): void {
    const { key, numbers, place, previous, tokens } = session;
    kept.delete(key);
    unlink(session);
    if (tokens > 0) evicted?.({ key, state: stateOf(zeros, numbers, place), previous, tokens }, reason);
    session.older = session.newer = undefined;
    free.push(session);
  }

  return {
    join(key, pass, now, start) {
      let session = kept.get(key);
      if (session === undefined) {
        const known = restored(key) ?? { previous: start, tokens: 0, state: zeros };
        if (known instanceof NotRestored) return known;
        const { previous, tokens, state } = known;
        for (let old = first; old !== undefined && kept.size >= maxSessions; old = first) remove(old, 'count');
        session = blank(key, previous);
        writeState(zeros, state, session.numbers, session.place);
        session.key = key;
        session.previous = previous;
        session.tokens = tokens;
        kept.set(key, session);
      } else {
        if (session.pass === pass) return undefined;
        unlink(session);
      }
      session.pass = pass;
      session.touched = now;
      append(session);
      return session;
    },
    evict(limit, reason) {
      for (let old = first; old !== undefined && old.touched <= limit; old = first) remove(old, reason);
    },
    oldest: () => first?.touched,
  };
}
