import type { State, Tensor, Token } from '../types.js';
import type { LaneState } from './laneBatch.js';

/** What is known of one key's stream: enough to go on with it, here or by `initialState` and `previous` elsewhere. */
export interface Session<K> {
  readonly key: K;
  /** The state before `previous` is read, of one lane. */
  readonly state: State;
  /** The last token. */
  readonly previous: Token;
  /** How many tokens of it were read. */
  readonly tokens: number;
}

/** Why a session is let go: for another, for want of tokens, or because the stream has ended. */
export type EvictionReason = 'count' | 'idle' | 'end';

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
  /** When its last token was read. */
  touched: number;
}

/** The sessions that are kept, the least recent first; one beyond `maxSessions` pushes out the least recent. */
export interface SessionStore<K> {
  /** The session of a key, as the most recent; `undefined` as `previous` for a fresh one. */
  touch(key: K, now: number, previous: Token): Kept;
  /** Lets go of those whose last token is not after `limit`. */
  evict(limit: number, reason: EvictionReason): void;
  /** When the least recent was touched; `undefined` where there is none. */
  oldest(): number | undefined;
}

export function sessionStore<K>({ maxSessions, zeros, evicted, restore }: SessionStoreOptions<K>): SessionStore<K> {
  const kept = new Map<K, Kept>();

  function letGo(key: K, { state, previous, tokens }: Kept, reason: EvictionReason): void {
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
          letGo(oldest, session, 'count');
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
        letGo(key, session, reason);
      }
    },
    oldest() {
      for (const { touched } of kept.values()) return touched;
      return undefined;
    },
  };
}

/** A state with arrays of its own: zeros, or the numbers of a restored one, which must fit. */
function copyOf(zeros: State, given: State | undefined, key: unknown): State {
  return new Map(
    [...zeros].map(([name, { shape, data }]): [string, Tensor] => {
      const from = given === undefined ? data : given.get(name)?.data;
      if (from?.length !== data.length) {
        throw new RangeError(
          `surprisalByKey: the restored session of ${String(key)} needs ${data.length} numbers of ${name}, ` +
            `got ${from?.length ?? 'none'}`,
        );
      }
      return [name, { shape, data: from.slice() }];
    }),
  );
}
