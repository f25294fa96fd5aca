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

/** A session while it is kept. */
interface Kept extends LaneState {
  tokens: number;
  /** When its last token was read, by the scheduler's clock. */
  touched: number;
}

/** Sessions, the least recently used first; one beyond `maxSessions` evicts the first. */
export interface SessionStore<K> {
  /** Returns the session of a key, which becomes the most recent; a new one starts with the token `previous`. */
  touch(key: K, now: number, previous: Token): Kept;
  /** Evicts the sessions whose last token is not after `limit`. */
  evict(limit: number, reason: EvictionReason): void;
  /** When the least recent session was used; `undefined` where there is none. */
  oldest(): number | undefined;
}

/** Makes an empty store of sessions. */
export function sessionStore<K>({ maxSessions, zeros, evicted, restore }: SessionStoreOptions<K>): SessionStore<K> {
  const kept = new Map<K, Kept>();

  function remove(key: K, { state, previous, tokens }: Kept, reason: EvictionReason): void {
    kept.delete(key);
    if (tokens > 0) evicted?.({ key, state, previous, tokens }, reason);
  }

  return {
    touch(key, now, start) {
      let session = kept.get(key);
      if (session === undefined) {
        const known = restore?.(key);
        const { previous, tokens } = known ?? { previous: start, tokens: 0 };
        session = { state: copyOf(zeros, known?.state, key), previous, tokens, touched: now };
        for (const [oldest, session] of kept) {
          if (kept.size < maxSessions) break;
          remove(oldest, session, 'count');
        }
      } else {
        kept.delete(key);
      }
      session.touched = now;
      kept.set(key, session);
      return session;
    },
    evict(limit, reason) {
      for (const [key, session] of kept) {
        if (session.touched > limit) break;
        remove(key, session, reason);
      }
    },
    oldest() {
      for (const { touched } of kept.values()) return touched;
      return undefined;
    },
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
