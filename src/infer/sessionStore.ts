import { show } from '../check/show.js';
import type { State, Tensor, Token } from '../types.js';
import type { LaneState } from './laneBatch.js';

/** The state of one key's stream: enough to continue it, here or elsewhere by `initialState` and `previous`. */
export interface Session<K> {
  readonly key: K;
  /** The state before `previous` is read, of one lane. */
  readonly state: State;
  /** The last token. */
  readonly previous: Token;
  /** How many of its tokens were read. */
  readonly tokens: number;
}

/** Why a session is evicted: too many sessions, too long without a token, or the end of the stream. */
export type EvictionReason = 'count' | 'idle' | 'end';

/** How many sessions are kept, how they start, and what happens to those evicted. */
export interface SessionStoreOptions<K> {
  readonly maxSessions: number;
  /** The state of one lane before the first token. */
  readonly zeros: State;
  readonly evicted?: ((session: Session<K>, reason: EvictionReason) => void) | undefined;
  readonly restore?: ((key: K) => Session<K> | undefined) | undefined;
}

/** A session while it is kept, in a list from the least recently used to the most. */
interface Kept<K> extends LaneState {
  readonly key: K;
  tokens: number;
  /** When its last token was read. */
  touched: number;
  /** The session used last before this one. */
  older: Kept<K> | undefined;
  newer: Kept<K> | undefined;
}

/** Sessions, the least recently used first; one beyond `maxSessions` evicts the first. Each call takes constant time. */
export interface SessionStore<K> {
  /** Returns the session of a key, which becomes the most recent; a new one starts with the token `previous`. */
  touch(key: K, now: number, previous: Token): Kept<K>;
  /** Evicts the sessions whose last token is not after `limit`. */
  evict(limit: number, reason: EvictionReason): void;
  /** When the least recent session was used; `undefined` where there is none. */
  oldest(): number | undefined;
}

/** Makes an empty store of sessions. */
export function sessionStore<K>({ maxSessions, zeros, evicted, restore }: SessionStoreOptions<K>): SessionStore<K> {
  const kept = new Map<K, Kept<K>>(); // finds sessions; to find the first key of a Map is linear in those deleted
  let first: Kept<K> | undefined; // the least recently used
  let last: Kept<K> | undefined;

  function append(session: Kept<K>): void {
    session.older = last;
    session.newer = undefined;
    if (last === undefined) first = session;
    else last.newer = session;
    last = session;
  }
  function unlink({ older, newer }: Kept<K>): void {
    if (older === undefined) first = newer;
    else older.newer = newer;
    if (newer === undefined) last = older;
    else newer.older = older;
  }
  function remove(session: Kept<K>, reason: EvictionReason): void {
    const { key, state, previous, tokens } = session;
    kept.delete(key);
    unlink(session);
    if (tokens > 0) evicted?.({ key, state, previous, tokens }, reason);
  }

  return {
    touch(key, now, start) {
      let session = kept.get(key);
      if (session === undefined) {
        const known = restore?.(key);
        const { previous, tokens } = known ?? { previous: start, tokens: 0 };
        const state = copyOf(zeros, known?.state, key);
        session = { key, state, previous, tokens, touched: now, older: undefined, newer: undefined };
        for (let old = first; old !== undefined && kept.size >= maxSessions; old = first) remove(old, 'count');
        kept.set(key, session);
      } else {
        unlink(session);
      }
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

/** Copies a state: zeros, or the numbers of a restored session, whose sizes must fit. */
function copyOf(zeros: State, given: State | undefined, key: unknown): State {
  return new Map(
    [...zeros].map(([name, { shape, data }]): [string, Tensor] => {
      const from = given === undefined ? data : given.get(name)?.data;
      if (from?.length !== data.length) {
        throw new RangeError(
          `surprisalByKey: the restored session of ${show(key)} needs ${data.length} numbers of ${name}, ` +
            `got ${from?.length ?? 'none'}`,
        );
      }
      return [name, { shape, data: from.slice() }];
    }),
  );
}
