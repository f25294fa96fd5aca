import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  asyncScheduler,
  filter,
  from,
  lastValueFrom,
  map,
  type SchedulerLike,
  Subject,
  take,
  takeUntil,
  tap,
  timer,
  toArray,
} from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  announceModel,
  type Bus,
  type BusEvent,
  fileBus,
  fromBus,
  keySubject,
  memoryBus,
  partitionOf,
  type Pipeline,
  runPartitions,
  type RunPartitionsOptions,
  sessionBytes,
  type Stored,
  toBus,
} from '../../src/bus.js';
import { encodeIn, encodeOut } from '../../src/bus/frames.js';
import { embedding, linear, type Model, rnn, sequential } from '../../src/index.js';
import { outcome } from '../source/temporary.js';
import { until } from '../support/until.js';
import { chainPipeline, expectedOf, POISON } from './chainPipeline.js';

const folders: string[] = [];
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Puts values on a bus, `count` of each of `keys` keys; with poison about every 20th. */
async function feed(bus: Bus, { keys = 5, count = 20, poison = false } = {}): Promise<void> {
  const items = Array.from({ length: keys * count }, (_, i) => ({
    key: `key ${i % keys}`,
    value: Uint8Array.of(poison && i % 19 === 7 ? POISON : i % 9, i % 251),
  }));
  await lastValueFrom(from(items).pipe(toBus(bus, { frameBytes: 6 })));
}

/** Runs a worker until everything is processed. */
function work(
  bus: Bus,
  pipeline: Pipeline<number> = chainPipeline('key'),
  more: RunPartitionsOptions = {},
): Promise<BusEvent[]> {
  return lastValueFrom(
    runPartitions(bus, pipeline, { idleMilliseconds: 60, leaseMilliseconds: 300, ...more }).pipe(toArray()),
  );
}

/** Asserts that each value has its result once, in order, with the bits of one run without faults. */
async function check(
  bus: Bus,
  scope: 'key' | 'partition' = 'key',
  initial?: Uint8Array,
  foreign?: (entry: Stored) => void,
): Promise<void> {
  const expected = await expectedOf(bus, scope, initial);
  const read = (
    channel: 'out' | 'dead',
  ): Promise<{ key: string; number: number; value: Uint8Array; reason?: string }[]> =>
    lastValueFrom(fromBus(bus, { channel, idleMilliseconds: 100, foreign }).pipe(toArray()));
  const [out, dead] = [await read('out'), await read('dead')];
  const last = new Map<string, number>();
  for (const { key, number, value } of out) {
    assert.is(`${new DataView(value.buffer, value.byteOffset).getUint32(0)}`, expected.get(`${key} ${number}`));
    assert.ok(number > (last.get(key) ?? 0), `${key} ${number} is out of order`);
    last.set(key, number);
  }
  const poison = [...expected.values()].filter((result) => result === 'poison').length;
  assert.is(out.length, expected.size - poison);
  assert.is(dead.length, poison);
  assert.ok(dead.every(({ value, reason }) => value[0] === POISON && reason === 'poison'));
  assert.ok(expected.size > 0);
}

for (const [kind, make] of [
  ['memoryBus', (): Bus => memoryBus({ partitions: 4 })],
  ['fileBus', (): Bus => fileBus(newFolder(), { partitions: 4 })],
] as const) {
  test(`${kind}: every value has its result, poison is a dead letter`, async () => {
    const bus = make();
    await feed(bus, { poison: true });
    const events = await work(bus);
    await check(bus);
    const committed = events.filter((event) => event.kind === 'committed');
    assert.is(
      committed.reduce((sum, { values }) => sum + values, 0),
      100,
    );
    assert.is(events.filter(({ kind }) => kind === 'dead').length, 5);
    assert.is(events.filter(({ kind }) => kind === 'returned').length, 4);
  });

  test(`${kind}: workers share partitions, and take over those of one that left without a word`, async () => {
    const bus = make();
    await feed(bus);
    const seen = new Map<string, Set<number>>();
    const left$ = new Subject<void>();
    const workers = ['ann', 'bob'].map((worker) => {
      seen.set(worker, new Set());
      const events$ = runPartitions(bus, chainPipeline('key'), { worker, leaseMilliseconds: 300 });
      return events$.pipe(takeUntil(left$)).subscribe((event) => {
        if (event.kind === 'taken') seen.get(worker)!.add(event.partition);
        if (event.kind === 'returned') seen.get(worker)!.delete(event.partition);
      });
    });
    await until(() => seen.get('ann')!.size === 2 && seen.get('bob')!.size === 2);
    await feed(bus);
    workers[0]!.unsubscribe();
    await feed(bus, { poison: true });
    await work(bus);
    left$.next();
    await check(bus);
  });

  test(`${kind}: values that share a state per partition`, async () => {
    const bus = make();
    await feed(bus, { poison: true });
    const left = runPartitions(bus, chainPipeline('partition'), { leaseMilliseconds: 300, commitFrames: 3, batch: 2 });
    await lastValueFrom(left.pipe(takeUntil(timer(30))), { defaultValue: undefined });
    await feed(bus, { poison: true });
    await work(bus, chainPipeline('partition'));
    await check(bus, 'partition');
  });

  for (const states of ['carry', 'reset'] as const) {
    test(`${kind}: a model replaces another between two values, with states: ${states}`, async () => {
      const bus = make();
      await feed(bus);
      assert.is(await announceModel(bus, Uint8Array.of(1)), 0);
      assert.is(await announceModel(bus, Uint8Array.of(1)), 0);
      await feed(bus, { count: 3 });
      assert.is(await announceModel(bus, Uint8Array.of(2), { states }), 1);
      await feed(bus, { count: 3 });
      const events = await work(bus, chainPipeline('key'), { model: Uint8Array.of(3), states });
      await feed(bus, { count: 3 });
      events.push(...(await work(bus)));
      assert.ok(events.filter(({ kind }) => kind === 'model').length >= 8);
      await check(bus, 'key', Uint8Array.of(1));
    });
  }
}

test('states of more keys than fit memory are read again', async () => {
  const bus = memoryBus({ partitions: 1 });
  for (let round = 0; round < 4; round++) await feed(bus, { keys: 40, count: 2, poison: true });
  await work(bus, chainPipeline('key'), { maxSessions: 3, batch: 7, commitFrames: 1 });
  await check(bus);
});

test('with trim the values are gone once their results are committed', async () => {
  const bus = memoryBus({ partitions: 1 });
  await feed(bus);
  await work(bus, chainPipeline('key'), { trim: true });
  assert.is((await bus.log.read('in', 0, 1).take(9, 0)).length, 0);
  await feed(bus);
  await work(bus);
  const out = await lastValueFrom(fromBus(bus, { idleMilliseconds: 50 }).pipe(toArray()));
  assert.equal(
    out.filter(({ key }) => key === 'key 1').map(({ number }) => number),
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
});

/** Runs a worker until a partition has failed, and gives the reason. */
async function failure(bus: Bus): Promise<string> {
  const failed$ = runPartitions(bus, chainPipeline('key'), { leaseMilliseconds: 300 }).pipe(
    filter((event) => event.kind === 'failed'),
    take(1),
  );
  return (await lastValueFrom(failed$)).reason;
}

test('where the log has lost its end, what comes since is not taken for processed', async () => {
  const folder = newFolder();
  const bus = fileBus(folder, { partitions: 1 });
  const put = (...values: number[]): Promise<unknown> =>
    lastValueFrom(
      from(values.map((value) => ({ key: 'a', value: Uint8Array.of(value) }))).pipe(toBus(fileBus(folder))),
    );
  await put(1);
  await put(2);
  await work(bus);
  rmSync(join(folder, 'in/0/0/2'));
  assert.match(await failure(fileBus(folder)), /in\/0 ends at 1: /);
  await put(2); // the same bytes under the same number
  assert.match(await failure(fileBus(folder)), /entry 2, up to which partition 0 is processed, is another one now/);
  writeFileSync(join(folder, 'in/0/0/2'), 'lost\n');
  await put(2);
  await work(fileBus(folder));
  const numbers = await lastValueFrom(
    fromBus(bus, { idleMilliseconds: 60 }).pipe(
      map(({ number }) => number),
      toArray(),
    ),
  );
  assert.equal(numbers, [1, 2, 3]);
});

test('results that the log has lost leave a gap in the numbers', async () => {
  const folder = newFolder();
  const bus = fileBus(folder, { partitions: 1 });
  for (let i = 0; i < 3; i++) {
    if (i === 2) rmSync(join(folder, 'out/0/0/2'));
    await feed(fileBus(folder), { keys: 1, count: 2 });
    await work(fileBus(folder));
  }
  const out = await lastValueFrom(fromBus(bus, { idleMilliseconds: 60 }).pipe(toArray()));
  assert.equal(
    out.map(({ number }) => number),
    [1, 2, 5, 6],
  );
});

test('a name that a worker cannot have is refused by that word', () => {
  assert.throws(() => runPartitions(memoryBus(), chainPipeline('key'), { worker: 'a b' }), /worker must have 1 to 150/);
});

test('stop$ commits and gives back, so that the next worker need not wait', async () => {
  const bus = memoryBus({ partitions: 4 });
  await feed(bus);
  const stop$ = new Subject<void>();
  const lease = { leaseMilliseconds: 60_000 };
  let taken = 0;
  const run$ = runPartitions(bus, chainPipeline('key'), { ...lease, stop$ });
  const ended = lastValueFrom(
    run$.pipe(
      tap(({ kind }) => void (taken += Number(kind === 'taken'))),
      toArray(),
    ),
  );
  await until(() => taken === 4);
  stop$.next();
  assert.is((await ended).filter(({ kind }) => kind === 'returned').length, 4);
  await feed(bus);
  await work(bus, chainPipeline('key'), lease);
  await check(bus);
});

test('a bus that fails is tried again', async () => {
  const bus = memoryBus({ partitions: 2 });
  await feed(bus);
  let calls = 0;
  // About every third call, without a period that the rounds of the worker could fall in step with
  const fails = (): boolean => (Math.imul(++calls, 2_654_435_761) >>> 0) % 3 === 0;
  const failing: Bus = {
    ...bus,
    log: {
      ...bus.log,
      append: (...args) => (fails() ? Promise.reject(new Error('no answer')) : bus.log.append(...args)),
    },
    leases: {
      ...bus.leases,
      list: () => (fails() ? Promise.reject(new Error('no answer')) : bus.leases.list()),
    },
  };
  const events = await work(failing, chainPipeline('key'), { batch: 4, idleMilliseconds: 700 });
  assert.ok(events.some((event) => event.kind === 'failed' && event.reason === 'no answer'));
  await check(bus);
});

test('a stage that cannot be opened is an error of the result', async () => {
  const bus = memoryBus({ partitions: 2 });
  const pipeline: Pipeline<number> = {
    open() {
      throw new Error('not a model');
    },
  };
  const { error } = await outcome(runPartitions(bus, pipeline));
  assert.is(error?.message, 'not a model');
  assert.equal(
    [...(await bus.leases.list()).values()].filter(({ holder }) => holder !== ''),
    [],
  );
});

test('a model that the pipeline refuses is not announced, and the others work on', async () => {
  const bus = memoryBus({ partitions: 2 });
  const picky: Pipeline<number> = {
    open(context) {
      if (context.model?.[0] === 9) throw new Error('not a model');
      return chainPipeline('key').open(context);
    },
  };
  await feed(bus);
  await work(bus, picky, { model: Uint8Array.of(1) });
  const { error } = await outcome(runPartitions(bus, picky, { model: Uint8Array.of(9) }));
  assert.is(error?.message, 'not a model');
  await feed(bus);
  const events = await work(bus, picky);
  assert.not.ok(events.some(({ kind }) => kind === 'model'));
  await check(bus, 'key', Uint8Array.of(1));
});

for (const scope of ['key', 'partition'] as const) {
  test(`stages with a state per ${scope} are closed when no partition uses them`, async () => {
    const bus = memoryBus({ partitions: 4 });
    const open = new Set<number>();
    let opened = 0;
    let most = 0;
    const counted: Pipeline<number> = {
      scope,
      open(context) {
        const id = opened++;
        open.add(id);
        most = Math.max(most, open.size);
        return { ...chainPipeline(scope).open(context), close: () => assert.ok(open.delete(id)) };
      },
    };
    for (let model = 1; model <= 5; model++) {
      await feed(bus);
      await announceModel(bus, Uint8Array.of(model));
    }
    await feed(bus);
    await work(bus, counted);
    assert.ok(opened >= 5, `${opened}`);
    assert.is(open.size, 0);
    assert.ok(most <= 8, `${most} were open together`); // each of four partitions at a model of its own, and the next
    await check(bus, scope, Uint8Array.of(1));
  });
}

test('a worker with another pipeline is refused, before it changes anything', async () => {
  const bus = memoryBus({ partitions: 1 });
  const named = (name: string | undefined, scope: 'key' | 'partition' = 'key'): Pipeline<number> => ({ ...chainPipeline(scope), name }); // prettier-ignore
  await feed(bus);
  await work(bus, named('hashes'));
  await feed(bus);
  for (const [other, message] of [
    [named('sums'), /^runPartitions: memory: has another pipeline: hashes, not sums$/],
    [named(undefined, 'partition'), /has another pipeline: hashes, not one with a state per partition$/],
  ] as const) {
    const { error } = await outcome(runPartitions(bus, other, { model: Uint8Array.of(7) }));
    assert.match(error?.message ?? '', message);
  }
  await work(bus, named(undefined));
  await check(bus);
});

test('of two workers with one name the first ends, and says why', async () => {
  const bus = memoryBus({ partitions: 4 });
  await feed(bus);
  const lease = { worker: 'ann', leaseMilliseconds: 60 };
  const first = outcome(runPartitions(bus, chainPipeline('key'), lease));
  await until(async () => (await bus.leases.list()).has('w-ann'));
  const stop$ = new Subject<void>();
  const second = outcome(runPartitions(bus, chainPipeline('key'), { ...lease, stop$ }));
  assert.is((await first).error?.message, 'runPartitions: another worker is called ann');
  await feed(bus);
  stop$.next();
  assert.is((await second).error, undefined);
  await work(bus);
  await check(bus);
});

test('a worker says from whom it took a partition over', async () => {
  const bus = memoryBus({ partitions: 2 });
  await bus.leases.put('p1', 'ann', 0); // and then she was killed
  const takenBy = async (worker: string): Promise<BusEvent[]> => {
    const events = await work(bus, chainPipeline('key'), { worker, leaseMilliseconds: 60, idleMilliseconds: 300 });
    return events.filter((event) => event.kind === 'taken').toSorted((a, b) => a.partition - b.partition);
  };
  const free = [0, 1].map((partition) => ({ kind: 'taken', partition }));
  assert.equal(await takenBy('bob'), [free[0], { ...free[1], from: 'ann' }]);
  assert.equal(await takenBy('cid'), free);
  await bus.leases.put('p1', 'cid', (await bus.leases.list()).get('p1')!.revision); // and then he was killed, too
  assert.equal(await takenBy('cid'), free);
});

test('a worker is not idle while its reader has not found what is there', async () => {
  const bus = memoryBus({ partitions: 1 });
  await feed(bus);
  let looks = 0;
  const slow: Bus = {
    ...bus,
    log: {
      ...bus.log,
      read(...place) {
        const reader = bus.log.read(...place);
        return {
          ...reader,
          async take(most, milliseconds) {
            if (++looks > 20) return reader.take(most, milliseconds);
            await setTimeout(milliseconds);
            return [];
          },
        };
      },
    },
  };
  await work(slow);
  await check(bus);
});

test('a lease above the share that was got in a round that failed is given back', async () => {
  const bus = memoryBus({ partitions: 3 });
  const puts = { done: 0 };
  const failing: Bus = {
    ...bus,
    leases: {
      ...bus.leases,
      async put(name, holder, revision) {
        if (!name.startsWith('p') || ++puts.done !== 3) return bus.leases.put(name, holder, revision);
        for (const other of ['w-bob', 'w-cid']) await bus.leases.put(other, other, 0); // its share is one from now on
        throw new Error('no answer');
      },
    },
  };
  const stop$ = new Subject<void>();
  const ended = lastValueFrom(runPartitions(failing, chainPipeline('key'), { worker: 'ann', stop$ }).pipe(toArray()));
  const heldByAnn = async (): Promise<number> => {
    return [...(await bus.leases.list()).values()].filter(({ holder }) => holder === 'ann').length;
  };
  await until(async () => puts.done >= 4 && (await heldByAnn()) === 1);
  stop$.next();
  assert.is((await ended).filter(({ kind }) => kind === 'taken').length, 1);
});

test('what calls itself a model and is none is a dead letter, and its partition goes on', async () => {
  const bus = memoryBus({ partitions: 1 });
  await feed(bus, { keys: 1, count: 2 });
  const hash = await bus.blobs.put(Uint8Array.of(3));
  const texts = ['', '{', '{"epoch":0}', JSON.stringify({ epoch: 1, hash, states: 'carry' })];
  for (const text of texts) {
    await bus.log.append('in', 0, [{ subject: 'model', data: new TextEncoder().encode(text) }]);
  }
  await feed(bus, { keys: 1, count: 2 });
  const events = await work(bus, chainPipeline('key'), { model: Uint8Array.of(3) });
  assert.is(events.filter(({ kind }) => kind === 'dead').length, texts.length);
  const dead = await lastValueFrom(fromBus(bus, { channel: 'dead', idleMilliseconds: 50 }).pipe(toArray()));
  assert.equal(
    dead.map(({ key, value }) => [key, new TextDecoder().decode(value)]),
    texts.map((text) => ['model', text]),
  );
  assert.is(dead[0]!.reason, 'it is not the announcement of a model of this bus');
  assert.is((await lastValueFrom(fromBus(bus, { idleMilliseconds: 50 }).pipe(toArray()))).length, 4);
});

test('a model that the bus had under another number is a dead letter, also where a later one is announced', async () => {
  const bus = memoryBus({ partitions: 1 });
  await announceModel(bus, Uint8Array.of(1));
  await feed(bus, { keys: 1, count: 2 });
  const hash = await bus.blobs.put(Uint8Array.of(2));
  const forged = [
    { epoch: 0, hash, states: 'carry' },
    { epoch: 1, hash: 'f'.repeat(64), states: 'carry' },
    { epoch: 1, hash, states: 'reset' },
  ].map((model) => JSON.stringify(model));
  for (const text of forged) {
    await bus.log.append('in', 0, [{ subject: 'model', data: new TextEncoder().encode(text) }]);
  }
  assert.is(await announceModel(bus, Uint8Array.of(2)), 1);
  await feed(bus, { keys: 1, count: 2 });
  assert.is(await announceModel(bus, Uint8Array.of(3)), 2);
  await feed(bus, { keys: 1, count: 2 });
  const events = await work(bus);
  assert.equal(
    events.flatMap((event) => (event.kind === 'model' ? event.epoch : [])),
    [1, 2],
  );
  assert.not.ok(events.some(({ kind }) => kind === 'failed' || kind === 'lost'));
  const dead = await lastValueFrom(fromBus(bus, { channel: 'dead', idleMilliseconds: 50 }).pipe(toArray()));
  assert.equal(
    dead.map(({ value }) => new TextDecoder().decode(value)),
    forged,
  );
  assert.is((await lastValueFrom(fromBus(bus, { idleMilliseconds: 50 }).pipe(toArray()))).length, 6);
});

test('a reason that is longer than what the bus takes is cut, and the partition goes on', async () => {
  const bus = memoryBus({ partitions: 1, maxBytes: 300 });
  await feed(bus, { keys: 1, count: 3 });
  const failing: Pipeline<number> = {
    ...chainPipeline('key'),
    open: (stage) => ({
      ...chainPipeline('key').open(stage),
      operator: () =>
        map(() => {
          throw new Error('é'.repeat(600));
        }),
    }),
  };
  await work(bus, failing);
  const dead = await lastValueFrom(fromBus(bus, { channel: 'dead', idleMilliseconds: 50 }).pipe(toArray()));
  assert.is(dead.length, 3);
  assert.ok(dead.every(({ reason }) => /^é{50,}$/.test(reason!)));
});

test('a frame under the subject of another key, or in the partition of another, is a dead letter', async () => {
  const bus = memoryBus({ partitions: 8 });
  const home = partitionOf('a', 8);
  const data = encodeIn({ key: 'a', values: [Uint8Array.of(1)] }, keySubject('a'));
  const long = 'x'.repeat(200);
  const forged = encodeIn({ key: long, values: [Uint8Array.of(1)] }, keySubject(long));
  await bus.log.append('in', home, [{ subject: 'kYR', data }]); // decodes to "a", too
  await bus.log.append('in', home, [{ subject: keySubject('y'.repeat(200)), data: forged }]);
  await bus.log.append('in', (home + 1) % 8, [{ subject: keySubject('a'), data }]);
  await bus.log.append('in', home, [{ subject: keySubject('a'), data }]);
  const own = { key: long, values: [Uint8Array.of(1)] };
  const at = { subject: keySubject(long), data: encodeIn(own, keySubject(long)) };
  const junk = { subject: keySubject(long), data: Uint8Array.of(9) }; // nothing tells the key of a long one
  await bus.log.append('in', partitionOf(long, 8), [junk, at, junk, at, junk]);
  await work(bus);
  const dead = await lastValueFrom(fromBus(bus, { channel: 'dead', idleMilliseconds: 50 }).pipe(toArray()));
  assert.equal(dead.map(({ reason }) => reason!).toSorted(), [
    'an entry of the bus is not a frame: it has no key',
    'an entry of the bus is not a frame: it has no key',
    'an entry of the bus is not a frame: it has no key',
    'an entry of the bus is not a frame: its subject is not that of its key',
    'an entry of the bus is not a frame: its subject is not that of its key',
    `its key belongs to partition ${home} of 8`,
  ]);
  const out = await lastValueFrom(fromBus(bus, { idleMilliseconds: 50 }).pipe(toArray()));
  assert.equal(out.map(({ key, number }) => `${key} ${number}`).toSorted(), ['a 1', `${long} 1`, `${long} 2`]);
});

for (const channel of ['out', 'dead'] as const) {
  test(`what another program wrote into ${channel} stops no key, and readers may leave it out`, async () => {
    const bus = memoryBus({ partitions: 1 });
    const rubbish = [
      Uint8Array.of(),
      Uint8Array.of(0, 0),
      new TextEncoder().encode('\u001b[2J'),
      encodeOut({ key: 'key 0', parts: [{ source: NaN, first: 1, values: [Uint8Array.of(1)] }] }, keySubject('key 0')),
      encodeOut({ key: 'key 0', parts: [{ source: 1e300, first: 1e300, values: [] }] }, keySubject('key 0')),
    ];
    const write = async (): Promise<void> => {
      for (const data of rubbish) await bus.log.append(channel, 0, [{ subject: keySubject('key 0'), data }]);
    };
    await write();
    await feed(bus, { poison: true });
    await work(bus);
    await write();
    await feed(bus, { poison: true });
    await work(bus, chainPipeline('key'), { batch: 3 });
    const foreign: Stored[] = [];
    await check(bus, 'key', undefined, (entry) => void foreign.push(entry));
    assert.is(foreign.length, 2 * rubbish.length - 2); // two of them are frames without values
    const { error } = await outcome(fromBus(bus, { channel, idleMilliseconds: 50 }));
    assert.match(error?.message ?? '', /^an entry of the bus is not a frame: /);
  });
}

for (const scope of ['key', 'partition'] as const) {
  test(`a message under a name of the bus itself, with a state per ${scope}, is a dead letter`, async () => {
    const bus = memoryBus({ partitions: 1 });
    const names = ['cursor', 'model', 'model-0', 'announced', 'pipeline', 'state', 'about'];
    const pipeline = { ...chainPipeline(scope), name: 'hashes' };
    for (let round = 0; round < 3; round++) {
      await feed(bus, { keys: 2, count: 2 });
      for (const subject of names) await bus.log.append('in', 0, [{ subject, data: Uint8Array.of(1, 2, 3) }]);
      const events = await work(bus, pipeline, { model: Uint8Array.of(1), batch: 3 });
      assert.is(events.filter(({ kind }) => kind === 'dead').length, names.length);
      assert.not.ok(events.some(({ kind }) => kind === 'failed' || kind === 'lost'));
    }
    const [out, dead] = [
      await lastValueFrom(fromBus(bus, { idleMilliseconds: 50 }).pipe(toArray())),
      await lastValueFrom(fromBus(bus, { channel: 'dead', idleMilliseconds: 50 }).pipe(toArray())),
    ];
    assert.is(dead.length, 3 * names.length);
    assert.equal(
      out.filter(({ key }) => key === 'key 1').map(({ number }) => number),
      [1, 2, 3, 4, 5, 6],
    );
    assert.is(out.length, 12);
  });
}

test('a state, cursor, model or pipeline that another program wrote is named, and read again once mended', async () => {
  const bus = memoryBus({ partitions: 1 });
  await feed(bus);
  await work(bus, { ...chainPipeline('key'), name: 'hashes' }, { model: Uint8Array.of(1) });
  await feed(bus);
  const state = keySubject('key 3');
  const wrong: readonly (readonly [name: string, data: Uint8Array, reason: RegExp])[] = [
    [state, new TextEncoder().encode('rubbish'), /^the state of key "key 3" in partition 0 cannot be continued: /],
    [state, new Uint8Array(40).fill(1), /"key 3" .*: a state of the bus has a kind or numbers that no worker writes$/],
    ['cursor', Uint8Array.of(255), /^the cursor of partition 0 is not one that a worker of this version wrote: /],
    ['model', new TextEncoder().encode('{"epoch":-1}'), /^the model of memory: is not one that a worker/],
    ['pipeline', new TextEncoder().encode('[]'), /^the pipeline of memory: is not one that a worker/],
  ];
  for (const [name, data, reason] of wrong) {
    const put = async (next: Uint8Array): Promise<Uint8Array> => {
      const [old] = await bus.states.get(0, [name]);
      await bus.states.update(0, [{ name, data: next, revision: old!.revision }]);
      return old!.data;
    };
    const before = await put(data);
    const reasons: string[] = [];
    const stop$ = new Subject<void>();
    const ended = outcome(
      runPartitions(bus, { ...chainPipeline('key'), name: 'hashes' }, { leaseMilliseconds: 100, stop$ }).pipe(
        tap((event) => void ('reason' in event && reasons.push(event.reason))),
      ),
    );
    await until(
      () => reasons.length > 0,
      () => `nothing was said of ${name}`,
    );
    assert.match(reasons[0]!, reason);
    await put(before);
    stop$.next();
    assert.is((await ended).error, undefined);
  }
  await work(bus, { ...chainPipeline('key'), name: 'hashes' });
  await check(bus, 'key', Uint8Array.of(1));
});

test('a clock that jumps, one given or that of the process, loses nothing and ends nothing early', async () => {
  const { now } = Date;
  let jump = 0;
  try {
    for (const given of [false, true]) {
      const bus = memoryBus({ partitions: 4 });
      const time = (): number => now() + (jump = Math.imul(jump + 1, 2_654_435_761) >> 8); // within ±2.3 hours
      if (!given) Date.now = time;
      const scheduler = Object.create(asyncScheduler, { now: { value: time } }) as SchedulerLike;
      const more = given ? { scheduler } : {};
      const left$ = new Subject<void>();
      const other = outcome(
        runPartitions(bus, chainPipeline('key'), { leaseMilliseconds: 300, ...more }).pipe(takeUntil(left$)),
      );
      await feed(bus, { poison: true });
      await setTimeout(100);
      const began = performance.now();
      await work(bus, chainPipeline('key'), { idleMilliseconds: 400, ...more });
      if (!given) assert.ok(performance.now() - began >= 390, 'it took a jump for a time without values');
      left$.next();
      await other;
      Date.now = now;
      await check(bus);
    }
  } finally {
    Date.now = now;
  }
});

test('a model of the same sizes with fewer symbols does not meet the last symbol of the old one', () => {
  const of = (symbols: number): Model =>
    sequential({
      embedding: embedding({ inputSize: symbols, outputSize: 3 }),
      rnn: rnn({ inputSize: 3, hiddenSize: 2 }),
      linear: linear({ inputSize: 2, outputSize: symbols }),
    });
  const [old, next] = [of(9), of(5)];
  const session = { key: 'a', state: old.zeroState(), previous: 8, tokens: 3 };
  const bytes = sessionBytes(old).encode(session);
  assert.is(sessionBytes(old).decode('a', bytes).previous, 8);
  assert.throws(() => sessionBytes(next).decode('a', bytes), /must have a token below 5 or -1 as previous, got 8/);
  bytes.fill(255, 12, 16);
  assert.throws(() => sessionBytes(old).decode('a', bytes), /not finite/);
});

test('a reader that is slow to find what is there does not end before it has', async () => {
  const bus = memoryBus({ partitions: 2 });
  await feed(bus, { keys: 3, count: 2 });
  const slow: Bus = {
    ...bus,
    log: {
      ...bus.log,
      read(...place) {
        const reader = bus.log.read(...place);
        let looks = 0;
        return { ...reader, take: (...args) => (++looks > 9 ? reader.take(...args) : Promise.resolve([])) };
      },
    },
  };
  const found = await lastValueFrom(fromBus(slow, { channel: 'in', idleMilliseconds: 10 }).pipe(toArray()));
  assert.is(found.length, 6);
  const away: Bus = { ...slow, log: { ...slow.log, end: () => Promise.reject(new Error('no answer')) } };
  const { error } = await outcome(fromBus(away, { channel: 'in', idleMilliseconds: 10 }));
  assert.is(error?.message, 'no answer');
  for (let partition = 0; partition < 2; partition++) await bus.log.trim('in', partition, Infinity);
  assert.equal(await lastValueFrom(fromBus(bus, { channel: 'in', idleMilliseconds: 10 }).pipe(toArray())), []);
});

test('a pipeline that gives too few results makes dead letters', async () => {
  const bus = memoryBus({ partitions: 1 });
  await feed(bus, { keys: 1, count: 1 });
  const none: Pipeline<number> = {
    open: () => ({ ...chainPipeline('key').open({ model: undefined, epoch: 0, partition: undefined }), operator: () => () => from([]) }), // prettier-ignore
  };
  await work(bus, none);
  const [dead] = await lastValueFrom(fromBus(bus, { channel: 'dead', idleMilliseconds: 50 }).pipe(toArray()));
  assert.is(dead?.reason, 'the pipeline gave 0 results for 1 values');
});

test('a result that does not fit the bus makes a dead letter, and the others come out', async () => {
  const bus = memoryBus({ partitions: 1, maxBytes: 1000 });
  const items = [3, 250, 4, 120].map((size) => ({ key: 'a', value: new Uint8Array(size).fill(1) }));
  await lastValueFrom(from(items).pipe(toBus(bus, { frameBytes: 1000 })));
  const wide: Pipeline<number> = {
    open: () => ({
      operator: ({ set }) =>
        map(({ key, value }) => {
          set(key, 1);
          return new Uint8Array(5 * value.length);
        }),
      encode: (n) => Uint8Array.of(n),
      decode: ([n]) => n!,
    }),
  };
  await work(bus, wide);
  const [out, dead] = [
    await lastValueFrom(fromBus(bus, { idleMilliseconds: 50 }).pipe(toArray())),
    await lastValueFrom(fromBus(bus, { channel: 'dead', idleMilliseconds: 50 }).pipe(toArray())),
  ];
  assert.equal(
    out.map(({ number, value }) => [number, value.length]),
    [
      [1, 15],
      [3, 20],
      [4, 600],
    ],
  );
  assert.match(dead[0]!.reason!, /^its result has 1250 bytes, and an entry of the bus at most 1000$/);
});

test('what is not a frame is a dead letter', async () => {
  const bus = memoryBus({ partitions: 1 });
  await bus.log.append('in', 0, [{ subject: 'kYQ', data: Uint8Array.of(9) }]);
  await feed(bus, { keys: 1, count: 2 });
  await work(bus);
  const dead = await lastValueFrom(fromBus(bus, { channel: 'dead', idleMilliseconds: 50 }).pipe(toArray()));
  assert.equal(
    dead.map(({ key, value, reason }) => [key, [...value], reason]),
    [['a', [9], 'an entry of the bus is not a frame: it has no key']],
  );
  assert.is((await lastValueFrom(fromBus(bus, { idleMilliseconds: 50 }).pipe(toArray()))).length, 2);
});

test.run();

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-bus-'));
  folders.push(folder);
  return folder;
}
