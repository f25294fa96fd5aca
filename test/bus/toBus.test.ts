import { from, lastValueFrom, Subject, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bus, fromBus, memoryBus, toBus } from '../../src/bus.js';
import { credit, pull } from '../../src/index.js';
import { outcome } from '../source/temporary.js';

const item = (key: string, value: string): { key: string; value: Uint8Array } => ({
  key,
  value: new TextEncoder().encode(value),
});
const text = (value: Uint8Array): string => new TextDecoder().decode(value);

test('values of one turn share frames of up to frameBytes, in order for each key', async () => {
  const bus = memoryBus({ partitions: 1 });
  const items = ['a1', 'b1', 'a2', 'a3', 'b2', 'a4'].map((value) => item(value[0]!, value));
  const receipts = await lastValueFrom(from(items).pipe(toBus(bus, { frameBytes: 4 }), toArray()));
  assert.equal(
    receipts.map(({ key, values, seq }) => `${key} ${values} ${seq}`),
    ['a 2 1', 'b 2 2', 'a 2 3'],
  );
  const found = await lastValueFrom(fromBus(bus, { channel: 'in', idleMilliseconds: 20 }).pipe(toArray()));
  assert.equal(
    found.map(({ value }) => text(value)),
    ['a1', 'a2', 'b1', 'b2', 'a3', 'a4'],
  );
});

test('a bus that is slow slows the source down: no more values are held than the credit allows', async () => {
  const { append } = memoryBus().log;
  const bus = memoryBus({ partitions: 2 });
  let waiting: (() => void)[] = [];
  const slow: Bus = {
    ...bus,
    log: {
      ...bus.log,
      async append(...args) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return append(...args);
      },
    },
  };
  const inFlight = credit({ high: 10 });
  let pulled = 0;
  function* endless(): Generator<ReturnType<typeof item>> {
    for (;;) yield item(`${pulled++ % 5}`, 'value');
  }
  let stored = 0;
  const subscription = pull(endless(), inFlight)
    .pipe(toBus(slow, { inFlight }))
    .subscribe(({ values }) => (stored += values));
  assert.is(pulled, 10);
  for (let round = 0; round < 20; round++) {
    await new Promise(setImmediate);
    assert.ok(pulled - stored <= 10, `${pulled} pulled, ${stored} stored`);
    for (const go of waiting.splice(0)) go();
  }
  assert.ok(stored > 50);
  subscription.unsubscribe();
  assert.is(inFlight.held, 0);
  waiting = [];
});

test('a key has one append at a time, so that none overtakes another', async () => {
  const bus = memoryBus({ partitions: 1 });
  const open: string[] = [];
  const random: Bus = {
    ...bus,
    log: {
      ...bus.log,
      async append(channel, partition, entries) {
        for (const { subject } of entries) {
          assert.not.ok(open.includes(subject));
          open.push(subject);
        }
        await new Promise((resolve) => setTimeout(resolve, entries.length % 3));
        for (const { subject } of entries) open.splice(open.indexOf(subject), 1);
        return bus.log.append(channel, partition, entries);
      },
    },
  };
  const items = Array.from({ length: 200 }, (_, i) => item(`${i % 7}`, `${i}`));
  await lastValueFrom(from(items).pipe(toBus(random, { frameBytes: 6 })));
  const found = await lastValueFrom(fromBus(bus, { channel: 'in', idleMilliseconds: 20 }).pipe(toArray()));
  for (let key = 0; key < 7; key++) {
    const own = found.filter((item) => item.key === `${key}`).map(({ value }) => Number(text(value)));
    assert.equal(
      own,
      own.toSorted((a, b) => a - b),
    );
  }
  assert.is(found.length, 200);
});

test('an error of the bus is the error of the result, and nothing is held after it', async () => {
  const bus = memoryBus();
  const broken: Bus = { ...bus, log: { ...bus.log, append: () => Promise.reject(new Error('the bus is full')) } };
  const inFlight = credit({ high: 4 });
  const { error } = await outcome(pull([item('a', 'x'), item('b', 'y')], inFlight).pipe(toBus(broken, { inFlight })));
  assert.is(error?.message, 'the bus is full');
  assert.is(inFlight.held, 0);
});

for (const [what, value, message] of [
  [
    'a value above the limit',
    item('a', 'x'.repeat(100)),
    /^toBus: a value has 100 bytes, and an entry of memory: at most 99, with its key and frame$/,
  ],
  ['a long key with a value', item('k'.repeat(98), ''), /^toBus: a value has 0 bytes/],
  ['half a surrogate pair', item('\ud83e', 'x'), /^keySubject: key must be a text without halves/],
  ['no key', { value: new Uint8Array() }, /^toBus: what comes in must be a key with a value/],
  ['no bytes', { key: 'a', value: 'x' }, /^toBus: value must be a Uint8Array, got "x"$/],
] as const) {
  test(`${what} is refused`, async () => {
    const { error } = await outcome(from([value as never]).pipe(toBus(memoryBus({ maxBytes: 99 }))));
    assert.match(error!.message, message);
  });
}

test('it completes when everything is stored, an empty source at once', async () => {
  assert.equal(await outcome(from([]).pipe(toBus(memoryBus()))), { values: [], error: undefined });
  const source$ = new Subject<ReturnType<typeof item>>();
  const seen: string[] = [];
  source$.pipe(toBus(memoryBus())).subscribe({ next: () => seen.push('stored'), complete: () => seen.push('end') });
  source$.next(item('a', 'x'));
  source$.complete();
  assert.equal(seen, []);
  await new Promise(setImmediate);
  assert.equal(seen, ['stored', 'end']);
});

test.run();
