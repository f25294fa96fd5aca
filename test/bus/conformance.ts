// What every bus must do: the tests that memoryBus, fileBus and jetstreamBus pass.
import { setTimeout } from 'node:timers/promises';
import { lastValueFrom, from, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bus, type Entry, fromBus, keySubject, partitionOf, toBus } from '../../src/bus.js';
import { until } from '../support/until.js';

/** Makes buses of a kind for tests. */
export interface BusMaker {
  /** A new, empty bus of so many partitions; entries of at most `maxBytes` where the kind can limit them. */
  make(options?: { readonly partitions?: number; readonly maxBytes?: number }): Promise<Bus>;
  /** The same bus once more, as another process opens it. */
  again(bus: Bus): Promise<Bus>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);
const entry = (subject: string, data: string, after?: number): Entry => ({
  subject,
  data: bytes(data),
  ...(after !== undefined && { after }),
});

/** Keys that mean something to some engine, or look alike. */
export const ODD_KEYS: readonly string[] = [
  '',
  ' ',
  '.',
  'a.b',
  'a.*',
  '>',
  'a b',
  'a\tb\n',
  '$KV',
  '🦖',
  '👩‍👩‍👧',
  'é',
  'e\u0301',
  'kYQ',
  'A',
  'a',
  '\u0000',
  'ключ',
  'x'.repeat(97),
  'y'.repeat(3000),
];

/** Adds the tests of a kind of bus; `each` is `test`, or `test.skip` where its engine is not installed. */
export function conformance(kind: string, maker: BusMaker, each: typeof test | typeof test.skip = test): void {
  /** A test with a bus of its own. */
  const withBus = (name: string, run: (bus: Bus) => Promise<void>, options = {}): void =>
    each(`${kind}: ${name}`, async () => {
      const bus = await maker.make(options);
      try {
        await run(bus);
      } finally {
        await bus.close();
      }
    });

  withBus('entries have growing numbers and come back in order', async ({ log }) => {
    const seqs = [...(await log.append('in', 3, [entry('ka', '1'), entry('kb', '2'), entry('ka', '3')]))];
    seqs.push(...(await log.append('in', 3, [entry('ka', '4')])));
    assert.equal(
      seqs,
      seqs.toSorted((a, b) => a! - b!),
    );
    assert.ok(seqs[0]! > 0 && new Set(seqs).size === 4);
    const found = await all(log.read('in', 3, 1), 4);
    assert.equal(
      found.map(({ seq, subject, data, partition }) => [seq, subject, text(data), partition]),
      seqs.map((seq, i) => [seq, ['ka', 'kb', 'ka', 'ka'][i], `${i + 1}`, 3]),
    );
    const later = await all(log.read('in', 3, seqs[1]! + 1), 2);
    assert.equal(
      later.map(({ data }) => text(data)),
      ['3', '4'],
    );
  });

  withBus('an entry is found by its number, and known again', async (bus) => {
    const { log } = bus;
    const [first, second] = await log.append('in', 3, [entry('ka', '1'), entry('kb', '2')]);
    const taken = await all(log.read('in', 3, 1), 2);
    const other = await maker.again(bus);
    for (const [i, seq] of [first!, second!].entries()) assert.equal(await other.log.at('in', 3, seq), taken[i]);
    assert.is(await log.at('in', 3, second! + 1), undefined);
    await other.close();
  });

  withBus('a reader that has read more than there is, as after a loss of power, is refused', async ({ log }) => {
    const [seq] = await log.append('in', 3, [entry('ka', '1')]);
    const ends = log.read('in', 3, seq! + 1);
    assert.equal(await ends.take(1, 20), []);
    ends.close();
    const beyond = log.read('in', 3, seq! + 3);
    await refused(beyond.take(1, 2000), /has no entry|ends at/);
    beyond.close();
  });

  withBus('bytes are plain arrays, whose slice is a copy, and are not those that were given', async (bus) => {
    const given = Buffer.from('abc');
    const [seq] = await bus.log.append('in', 0, [{ subject: 'ka', data: given }]);
    await bus.states.update(0, [{ name: 'ka', data: given, revision: 0 }]);
    const hash = await bus.blobs.put(given);
    given.fill(0);
    const found = [
      (await bus.log.at('in', 0, seq!))!.data,
      (await bus.log.last('in', 0, 'ka'))!.data,
      (await all(bus.log.read('in', 0, 1), 1))[0]!.data,
      (await bus.states.get(0, ['ka']))[0]!.data,
      await bus.blobs.get(hash),
    ];
    await lastValueFrom(from([{ key: 'b', value: bytes('abc') }]).pipe(toBus(bus)));
    const item$ = fromBus(bus, { channel: 'in', partition: partitionOf('b', bus.partitions), idleMilliseconds: 200 });
    found.push((await lastValueFrom(item$)).value);
    for (const data of found) {
      assert.is(data.constructor, Uint8Array);
      assert.is(text(data), 'abc');
    }
  });

  withBus('partitions and channels are apart', async ({ log }) => {
    await log.append('in', 0, [entry('ka', 'in 0')]);
    await log.append('in', 1, [entry('ka', 'in 1')]);
    await log.append('out', 0, [entry('ka', 'out 0')]);
    await log.append('dead', 0, [entry('ka', 'dead 0')]);
    for (const [channel, partition] of [
      ['in', 0],
      ['in', 1],
      ['out', 0],
      ['dead', 0],
    ] as const) {
      const reader = log.read(channel, partition, 1);
      const [only, ...others] = [...(await all(reader, 1, false)), ...(await reader.take(9, 20))];
      reader.close();
      assert.is(text(only!.data), `${channel} ${partition}`);
      assert.is(others.length, 0);
    }
    const every = await all(log.read('in', undefined, 1), 2);
    assert.equal(every.map(({ data }) => text(data)).toSorted(), ['in 0', 'in 1']);
    assert.is(await log.end('out', 1), 0);
    assert.is(await log.last('out', 1, 'ka'), undefined);
  });

  withBus('an entry is stored only after the one that its writer knows', async ({ log }) => {
    const [first] = await log.append('out', 2, [entry('ka', '1', 0)]);
    assert.ok(first! > 0);
    assert.equal(await log.append('out', 2, [entry('ka', 'late', 0)]), [undefined]);
    const [refused, other] = await log.append('out', 2, [entry('ka', 'wrong', first! + 7), entry('kb', 'b', 0)]);
    assert.is(refused, undefined);
    assert.ok(other! > first!);
    const [second] = await log.append('out', 2, [entry('ka', '2', first)]);
    assert.ok(second! > other!);
    const last = await log.last('out', 2, 'ka');
    assert.equal([last!.seq, text(last!.data)], [second, '2']);
    assert.is((await log.last('out', 2, 'kb'))!.seq, other);
    assert.is(await log.end('out', 2), second);
  });

  withBus('of two writers that know the same, one is refused, in another process too', async (bus) => {
    const other = await maker.again(bus);
    try {
      for (let round = 0, after = 0; round < 20; round++) {
        const both = await Promise.all(
          [bus, other].map(({ log }, i) => log.append('out', 0, [entry('ka', `${round} ${i}`, after)])),
        );
        const stored = both.flat().filter((seq) => seq !== undefined);
        assert.is(stored.length, 1, `round ${round}`);
        after = stored[0]!;
        assert.is((await other.log.last('out', 0, 'ka'))!.seq, after);
      }
    } finally {
      await other.close();
    }
  });

  withBus('a reader waits for what comes, from another process too, and no longer than it says', async (bus) => {
    const reader = bus.log.read('in', 0, 1);
    const before = performance.now();
    assert.equal(await reader.take(4, 30), []);
    assert.ok(performance.now() - before >= 25);
    const other = await maker.again(bus);
    const coming = reader.take(4, 20_000);
    await setTimeout(20);
    await other.log.append('in', 0, [entry('ka', 'x')]);
    assert.is(text((await coming)[0]!.data), 'x');
    const closed = reader.take(4, 20_000);
    reader.close();
    assert.equal(await closed, []);
    await other.close();
  });

  withBus('a reader takes no more than was asked for', async ({ log }) => {
    await log.append(
      'in',
      0,
      Array.from({ length: 300 }, (_, i) => entry(`k${i % 7}`, `${i}`)),
    );
    const reader = log.read('in', 0, 1);
    const found: number[] = [];
    while (found.length < 300) {
      const some = await reader.take(64, 5000);
      assert.ok(some.length > 0 && some.length <= 64);
      found.push(...some.map(({ data }) => Number(text(data))));
    }
    assert.equal(
      found,
      Array.from({ length: 300 }, (_, i) => i),
    );
    reader.close();
  });

  withBus('what was trimmed is gone or stays, and the rest is there', async ({ log }) => {
    const seqs: number[] = [];
    for (let i = 0; i < 40; i++) seqs.push((await log.append('in', 0, [entry(`k${i % 3}`, `${i}`)]))[0]!);
    await log.append('in', 1, [entry('ka', 'other')]);
    await log.trim('in', 0, seqs[30]!);
    const rest = await all(log.read('in', 0, seqs[30]!), 10);
    assert.equal(
      rest.map(({ data }) => text(data)),
      Array.from({ length: 10 }, (_, i) => `${30 + i}`),
    );
    assert.is(await log.end('in', 0), seqs[39]);
    const [next] = await log.append('in', 0, [entry('ka', 'new')]);
    assert.ok(next! > seqs[39]!);
    assert.is(text((await all(log.read('in', 1, 1), 1))[0]!.data), 'other');
  });

  withBus('states are changed by those that know the last change', async (bus) => {
    const { states } = bus;
    assert.equal(await states.get(5, ['ka', 'kb']), [undefined, undefined]);
    const [a, b] = await states.update(5, [
      { name: 'ka', data: bytes('1'), revision: 0 },
      { name: 'kb', data: bytes('2'), revision: 0 },
    ]);
    assert.ok(a! > 0 && b! > 0);
    const other = await maker.again(bus);
    const [[won], [lost]] = [
      await other.states.update(5, [{ name: 'ka', data: bytes('3'), revision: a! }]),
      await states.update(5, [{ name: 'ka', data: bytes('4'), revision: a! }]),
    ];
    assert.ok(won! > a!);
    assert.is(lost, undefined);
    assert.equal(await states.update(5, [{ name: 'ka', data: bytes('5'), revision: 0 }]), [undefined]);
    const [found, still] = await states.get(5, ['ka', 'kb']);
    assert.equal([text(found!.data), found!.revision, text(still!.data)], ['3', won, '2']);
    assert.equal(await states.get(6, ['ka']), [undefined]);
    await other.close();
  });

  withBus('leases are taken, renewed, given back and removed by one', async (bus) => {
    const other = await maker.again(bus);
    const both = await Promise.all([bus.leases.put('p1', 'ann', 0), other.leases.put('p1', 'bob', 0)]);
    assert.is(both.filter((revision) => revision !== undefined).length, 1);
    const revision = both.find((revision) => revision !== undefined)!;
    const holder = both[0] === undefined ? 'bob' : 'ann';
    await until(async () => (await other.leases.list()).get('p1')?.revision === revision);
    assert.is((await other.leases.list()).get('p1')!.holder, holder);
    const renewed = await bus.leases.put('p1', holder, revision);
    assert.ok(renewed! > revision);
    assert.is(await other.leases.put('p1', 'eve', revision), undefined);
    const back = await bus.leases.put('p1', '', renewed!);
    await until(async () => (await other.leases.list()).get('p1')?.holder === '');
    await bus.leases.remove('p1', renewed!); // an old revision: nothing happens
    await setTimeout(20);
    assert.ok((await bus.leases.list()).has('p1'));
    await bus.leases.remove('p1', back!);
    await until(async () => !(await other.leases.list()).has('p1'));
    await until(async () => !(await bus.leases.list()).has('p1'));
    assert.ok((await other.leases.put('p1', 'ann', 0))! > 0);
    await other.close();
  });

  withBus('blobs are found by their hash', async (bus) => {
    const data = Uint8Array.from({ length: 3_000_000 }, (_, i) => i * 7);
    const hash = await bus.blobs.put(data);
    assert.match(hash, /^[\da-f]{64}$/);
    assert.is(await bus.blobs.put(data), hash);
    const other = await maker.again(bus);
    assert.ok(Buffer.from(await other.blobs.get(hash)).equals(data));
    await bus.blobs.remove(hash);
    await bus.blobs.remove(hash);
    let reason = '';
    await other.blobs.get(hash).catch((error: unknown) => (reason = (error as Error).message));
    assert.ok(reason.includes(hash));
    await other.close();
  });

  withBus(
    'an entry or a value above the limit is refused, and the others are not',
    async ({ log, states, maxBytes }) => {
      const large = new Uint8Array(maxBytes + 1);
      await refused(log.append('in', 0, [{ subject: 'ka', data: large }]), /has \d+ bytes, at most \d+ fit this bus/);
      await refused(states.update(0, [{ name: 'ka', data: large, revision: 0 }]), /at most \d+ fit this bus/);
      const [seq] = await log.append('in', 0, [{ subject: 'ka', data: large.subarray(1) }]);
      assert.is((await log.last('in', 0, 'ka'))!.data.length, maxBytes);
      assert.ok(seq! > 0);
    },
    { maxBytes: 20_000 },
  );

  withBus('a subject that an engine would read as its own is refused', async ({ log }) => {
    for (const subject of ['', 'a.b', '*', '>', 'a b', 'é']) {
      await refused(log.append('in', 0, [entry(subject, 'x')]), /a name must have/);
    }
  });

  withBus('keys of any kind are streams of their own', async (bus) => {
    const items = Array.from({ length: 3 }, (_, i) => ODD_KEYS.map((key) => ({ key, value: bytes(`${i} ${key}`) })));
    await lastValueFrom(from(items.flat()).pipe(toBus(bus)));
    const found = await lastValueFrom(fromBus(bus, { channel: 'in', idleMilliseconds: 300 }).pipe(toArray()));
    assert.is(found.length, 3 * ODD_KEYS.length);
    for (const key of ODD_KEYS) {
      const own = found.filter((item) => item.key === key);
      assert.equal(
        own.map(({ value }) => text(value)),
        [0, 1, 2].map((i) => `${i} ${key}`),
        JSON.stringify(key),
      );
      assert.ok(own.every(({ partition }) => partition === partitionOf(key, bus.partitions)));
    }
    assert.is(new Set(ODD_KEYS.map(keySubject)).size, ODD_KEYS.length);
  });
}

/** Reads so many entries. */
async function all(
  reader: ReturnType<Bus['log']['read']>,
  count: number,
  close = true,
): Promise<Awaited<ReturnType<typeof reader.take>>[number][]> {
  const found: Awaited<ReturnType<typeof reader.take>>[number][] = [];
  await until(
    async () => found.push(...(await reader.take(count, 200))) >= count,
    () => `${found.length} of ${count} entries`,
  );
  if (close) reader.close();
  assert.is(found.length, count);
  return found;
}

async function refused(promise: Promise<unknown>, message: RegExp): Promise<void> {
  let reason = 'it was not refused';
  await promise.catch((error: unknown) => (reason = (error as Error).message));
  assert.match(reason, message);
}
