import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Session } from '../../src/infer/checkSession.js';
import { NotRestored, sessionStore } from '../../src/infer/sessionStore.js';
import { processorTime } from '../support/processorTime.js';

/** The sessions as an array, the least recently used first: what the store is, without its speed. */
function plainStore(maxSessions: number, log: unknown[]) {
  let kept: { key: number; tokens: number; touched: number }[] = [];
  const known = new Map<number, number>();
  function remove(one: (typeof kept)[0], reason: string): void {
    if (one.tokens === 0) return;
    known.set(one.key, one.tokens);
    log.push([one.key, reason, one.tokens]);
  }
  return {
    touch(key: number, now: number) {
      const found = kept.find((one) => one.key === key);
      const session = found ?? { key, tokens: known.get(key) ?? 0, touched: now };
      if (found === undefined && kept.length >= maxSessions) remove(kept.shift()!, 'count');
      kept = [...kept.filter((one) => one !== session), session];
      session.touched = now;
      session.tokens += 1;
    },
    evict(limit: number) {
      while (kept.length > 0 && kept[0]!.touched <= limit) remove(kept.shift()!, 'idle');
    },
    oldest: () => kept[0]?.touched,
  };
}

test('evicts the least recently used, in order, whatever comes', () => {
  const step = fc.record({ key: fc.nat(9), passed: fc.nat(4), idle: fc.option(fc.nat(12), { freq: 5 }) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.array(step, { maxLength: 200 }), (maxSessions, steps) => {
      const known = new Map<number, Session<number>>();
      const [expected, log]: [unknown[], unknown[]] = [[], []];
      const plain = plainStore(maxSessions, expected);
      const store = sessionStore<number>({
        maxSessions,
        inputSize: 9,
        zeros: new Map(),
        evicted(session, reason) {
          known.set(session.key, session);
          log.push([session.key, reason, session.tokens]);
        },
        restore: (key) => known.get(key),
      });
      let now = 0;
      let pass = 0;
      for (const { key, passed, idle } of steps) {
        now += passed;
        plain.touch(key, now);
        const session = store.join(key, ++pass, now, -1);
        assert.not.instance(session, NotRestored);
        (session as Extract<typeof session, { tokens: number }>).tokens += 1;
        assert.is(store.join(key, pass, now, -1), undefined);
        if (idle !== null) {
          plain.evict(now - idle);
          store.evict(now - idle, 'idle');
        }
        assert.is(store.oldest(), plain.oldest());
      }
      assert.equal(log, expected);
    }),
  );
});

test('a new key with 100,000 sessions takes about as long as to replace a key of a Map', () => {
  const maxSessions = 100_000;
  const store = sessionStore<number>({ maxSessions, inputSize: 9, zeros: new Map() });
  const map = new Map<number, { key: number }>();
  function replace(key: number): void {
    map.delete(key - maxSessions);
    map.set(key, { key });
  }
  const ways = [(key: number) => store.join(key, key, key, -1), replace];
  const next = ways.map(() => 0);
  function time(way: number, count: number): number {
    const start = processorTime();
    for (const end = next[way]! + count; next[way]! < end; next[way]!++) ways[way]!(next[way]!);
    return processorTime() - start;
  }
  for (const way of [0, 1]) time(way, maxSessions);
  const rounds = Array.from({ length: 15 }, () => [time(0, 10_000), time(1, 10_000)] as const);
  const [own, plain] = ([0, 1] as const).map((way) => Math.min(...rounds.map((round) => round[way]))) as [
    number,
    number,
  ];
  assert.ok(own < 12 * plain, `${own} and ${plain}`); // some hundred times as long where a map is walked from its front
});

test.run();
