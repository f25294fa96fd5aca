import type { Token } from '../types.js';
import type { LaneBatch } from './laneBatch.js';
import type { Surprisal } from './scored.js';
import type { SessionStore } from './sessionStore.js';

/** A token of one of many streams: of a user, a host, a source of a log. */
export interface KeyedToken<K> {
  readonly key: K;
  readonly token: Token;
}

/** How surprising a token was in the stream of its key. */
export interface KeyedSurprisal<K> extends Surprisal {
  readonly key: K;
}

/** Scores tokens in passes: the first of each key together, then the second of each; gives them in their own order. */
export function scorePasses<K>(
  items: readonly KeyedToken<K>[],
  sessions: SessionStore<K>,
  batch: LaneBatch,
  now: number,
): KeyedSurprisal<K>[] {
  const scored: KeyedSurprisal<K>[] = [];
  for (let left = [...items.keys()]; left.length > 0;) {
    const pass = new Map<K, number>();
    for (const i of left) if (!pass.has(items[i]!.key)) pass.set(items[i]!.key, i);
    const places = [...pass.values()];
    const streams = places.map((i) => sessions.touch(items[i]!.key, now, -1));
    const tokens = places.map((i) => items[i]!.token);
    const found = batch.run(streams, tokens);
    for (const stream of streams) stream.tokens += 1;
    for (const [lane, i] of places.entries()) scored[i] = { key: items[i]!.key, ...found[lane]! };
    left = left.filter((i) => pass.get(items[i]!.key) !== i);
  }
  return scored;
}
