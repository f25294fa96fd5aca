import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Session, sessionStore } from '../../src/infer/sessionStore.js';

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
        zeros: new Map(),
        evicted(session, reason) {
          known.set(session.key, session);
          log.push([session.key, reason, session.tokens]);
        },
        restore: (key) => known.get(key),
      });
      let now = 0;
      for (const { key, passed, idle } of steps) {
        now += passed;
        plain.touch(key, now);
        store.touch(key, now, -1).tokens += 1;
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

test('a new key takes as long with 100,000 sessions as with 1,000', () => {
  const perKey = [1000, 100_000].map((maxSessions) => {
    const store = sessionStore<number>({ maxSessions, zeros: new Map() });
    let key = 0;
    const touch = (count: number): void => {
      for (const end = key + count; key < end; key++) store.touch(key, key, -1);
    };
    touch(maxSessions);
    return Math.min(
      ...Array.from({ length: 3 }, () => {
        const start = performance.now();
        touch(50_000);
        return performance.now() - start;
      }),
    );
  });
  assert.ok(perKey[1]! < 5 * perKey[0]!, perKey.join(' and ')); // 12 times as long where a map is walked from its front
});

test.run();
