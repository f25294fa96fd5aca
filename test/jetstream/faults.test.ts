// What a server, a network and workers do to a bus on JetStream: kills, stops, cuts, a full stream, credentials and
// TLS.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DiscardPolicy, jetstream, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { connect, type NatsConnection, nuid, TimeoutError } from '@nats-io/transport-node';
import { filter, from, lastValueFrom, Subject, take, takeUntil, tap, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bus, fromBus, runPartitions, toBus } from '../../src/bus.js';
import { eventLines } from '../../pipelines/bus/eventLines.js';
import { explainError } from '../../src/jetstream/explainError.js';
import { jetstreamBus } from '../../src/jetstream.js';
import { chainPipeline, expectedOf } from '../bus/chainPipeline.js';
import { until } from '../support/until.js';
import { cutProxy } from './cutProxy.js';
import { freePort, type NatsServer, natsServer, natsServerPath } from './natsServer.js';
import { oldServer } from './oldServer.js';
import { operatorAccount } from './operatorAccount.js';

const each = natsServerPath === undefined ? test.skip : test;
const PARTITIONS = 2;
let server: NatsServer;

test.before(async () => {
  if (natsServerPath !== undefined) server = await natsServer();
});
const open: NatsConnection[] = [];
test.after(async () => {
  for (const connection of open) await connection.close();
  await server?.remove();
});

async function feed(bus: Bus, count: number): Promise<void> {
  const items = Array.from({ length: count }, (_, i) => ({ key: `${i % 5}`, value: Uint8Array.of(i % 9, i % 251) }));
  await lastValueFrom(from(items).pipe(toBus(bus, { frameBytes: 6 })));
}

/** The manager of the streams of a server, with its connection, until the test file ends. */
async function managerOf(
  url: string,
  account: { readonly user?: string; readonly pass?: string } = {},
): Promise<JetStreamManager & { readonly connection: NatsConnection }> {
  const connection = await connect({ servers: url, ...account });
  open.push(connection);
  return Object.assign(await jetstreamManager(connection), { connection });
}

function reasonOf(made: Promise<Bus>): Promise<string> {
  return made.then(
    () => '',
    (error: Error) => error.message,
  );
}

/** Asserts that each value has its result once, in order, as without faults. */
async function check(bus: Bus, count: number): Promise<void> {
  const expected = await expectedOf(bus, 'key', undefined);
  assert.is(expected.size, count);
  const out = await lastValueFrom(fromBus(bus, { idleMilliseconds: 500 }).pipe(toArray()));
  const found = out.map(({ key, number, value }) => [
    `${key} ${number}`,
    `${new DataView(value.buffer, value.byteOffset).getUint32(0)}`,
  ]);
  assert.is(found.length, count);
  for (const [name, result] of found) assert.is(result, expected.get(name!), name);
  for (const key of ['0', '1', '2', '3', '4']) {
    const numbers = out.filter((item) => item.key === key).map(({ number }) => number);
    assert.equal(
      numbers,
      numbers.map((_, i) => i + 1),
    );
  }
}

each('a server that has lost the end of a stream gives its numbers to nothing that passes for processed', async () => {
  const url = `${server.url}/${nuid.next()}`;
  const bus = await jetstreamBus(url, { partitions: PARTITIONS });
  const stream = `${url.split('/').at(-1)}-in`;
  const manager = await managerOf(server.url);
  const failure = async (): Promise<string> => {
    const failed$ = runPartitions(bus, chainPipeline('key'), { leaseMilliseconds: 300 }).pipe(
      filter((event) => event.kind === 'failed'),
      take(1),
    );
    return (await lastValueFrom(failed$)).reason;
  };
  const work = (): Promise<unknown> =>
    lastValueFrom(runPartitions(bus, chainPipeline('key'), { idleMilliseconds: 300 }), { defaultValue: undefined });
  const results = async (): Promise<number> =>
    (await lastValueFrom(fromBus(bus, { idleMilliseconds: 300 }).pipe(toArray()))).length;
  await feed(bus, 20);
  await work();
  const { config, state } = await manager.streams.info(stream);
  await manager.streams.delete(stream); // as much as a loss of power can take
  await manager.streams.add(config);
  assert.match(await failure(), /-in ends at 0, and had \d+: .*; to go on without it: nats pub \w+\.in\.lost lost /);
  const client = jetstream(manager.connection);
  for (let i = 0; i < state.last_seq; i++) await client.publish(`${config.name.slice(0, -3)}.in.lost`, 'lost');
  await feed(bus, 20);
  await work();
  assert.is(await results(), 40);
  const { last_seq: end } = (await manager.streams.info(stream)).state;
  await manager.streams.delete(stream);
  await manager.streams.add(config);
  while ((await manager.streams.info(stream)).state.last_seq <= end) await feed(bus, 20);
  assert.match(await failure(), /entry \d+, up to which partition \d is processed, is another one now/);
  await bus.close();
});

each('a server that is killed and started again while values come and results go', async () => {
  const url = `${server.url}/${nuid.next()}`;
  const bus = await jetstreamBus(url, { partitions: PARTITIONS });
  const left$ = new Subject<void>();
  const workers = await Promise.all([jetstreamBus(url), jetstreamBus(url)]);
  const running = workers.map((own) =>
    lastValueFrom(runPartitions(own, chainPipeline('key'), { leaseMilliseconds: 1000 }).pipe(takeUntil(left$)), {
      defaultValue: undefined,
    }),
  );
  const fed = (async (): Promise<void> => {
    for (let part = 0; part < 6; part++) {
      await feed(bus, 50);
      await setTimeout(100);
    }
  })();
  await setTimeout(300);
  await server.kill();
  await setTimeout(300);
  await server.start();
  await fed;
  await workers[0].close(); // one is cut off for good
  const last = { leaseMilliseconds: 1000, idleMilliseconds: 500 };
  await lastValueFrom(runPartitions(bus, chainPipeline('key'), last), { defaultValue: undefined });
  left$.next();
  await Promise.all(running);
  await check(bus, 300);
  await Promise.all([bus, ...workers].map((one) => one.close()));
});

each('a stream that is full holds values back until it is trimmed', async () => {
  const url = `${server.url}/${nuid.next()}`;
  const bus = await jetstreamBus(url, { partitions: 1, maxLogEntries: 50, patienceMilliseconds: 20_000 });
  let fed = 0;
  const feeding = (async (): Promise<void> => {
    for (; fed < 8; fed++) await feed(bus, 60);
  })();
  await setTimeout(500);
  assert.ok(fed < 8, 'the stream was never full');
  const read$ = new Subject<void>();
  const working = lastValueFrom(
    runPartitions(bus, chainPipeline('key'), { trim: true, leaseMilliseconds: 1000 }).pipe(takeUntil(read$)),
    { defaultValue: undefined },
  );
  let out = 0;
  const reading = fromBus(bus)
    .pipe(takeUntil(read$))
    .subscribe(({ partition, seq }) => {
      out += 1;
      if (out % 50 === 0) void bus.log.trim('out', partition, seq); // the outputs need room, too
    });
  await feeding;
  await until(
    () => out >= 480,
    () => `${out} of 480 came out`,
  );
  read$.next();
  await working;
  assert.is(out, 480);
  reading.unsubscribe();
  await bus.close();
});

each('a stream that stays full is an error that says so', async () => {
  const bus = await jetstreamBus(`${server.url}/${nuid.next()}`, { maxLogEntries: 20, patienceMilliseconds: 200 });
  let reason = '';
  await feed(bus, 2000).catch((error: unknown) => (reason = (error as Error).message));
  assert.match(reason, /maximum messages exceeded/);
  await bus.close();
});

each('its readers leave no consumer behind', async () => {
  const name = nuid.next();
  const bus = await jetstreamBus(`${server.url}/${name}`, { partitions: PARTITIONS });
  await feed(bus, 20);
  await lastValueFrom(runPartitions(bus, chainPipeline('key'), { idleMilliseconds: 200 }));
  await check(bus, 20);
  const manager = await managerOf(server.url);
  for (const stream of [`${name}-in`, `${name}-out`, `KV_${name}-states`, `KV_${name}-leases`]) {
    await until(async () => (await manager.streams.info(stream)).state.consumer_count === 0);
  }
  await bus.close();
});

each('a server that is not there, has no JetStream, or wants a password is an error that says so', async () => {
  const port = await freePort();
  assert.match(await reasonOf(jetstreamBus(`nats://127.0.0.1:${port}`)), /^jetstreamBus: nats:\/\/127\.0\.0\.1:\d+ cannot be reached: /); // prettier-ignore
  assert.throws(() => jetstreamBus(`nats://127.0.0.1:${port}/a.b`), /name must have 1 to 60 letters/);
  const guarded = await natsServer(() => 'authorization { user: ann, password: secret }');
  try {
    assert.match(await reasonOf(jetstreamBus(guarded.url)), /cannot be reached: .*uthoriz/);
    assert.match(await reasonOf(jetstreamBus(guarded.url, { user: 'ann', password: 'wrong' })), /uthoriz/);
    const bus = await jetstreamBus(guarded.url, { user: 'ann', password: 'secret' });
    await bus.close();
  } finally {
    await guarded.remove();
  }
});

each('the address may have the account in it, and no message has', async () => {
  for (const [account, configuration, wrong] of [
    ['ann:s%40cret', 'authorization { user: ann, password: "s@cret" }', 'ann:other'],
    ['t0ken', 'authorization { token: "t0ken" }', 'another'],
  ] as const) {
    const guarded = await natsServer(() => configuration);
    const at = (who: string): string => guarded.url.replace('//', `//${who}@`);
    try {
      const bus = await jetstreamBus(at(account), { partitions: 3 });
      assert.is(bus.name, `${guarded.url}/rxrnn`);
      await bus.close();
      const reason = await reasonOf(jetstreamBus(at(wrong)));
      assert.match(reason, /cannot be reached: .*uthoriz/);
      assert.not.match(reason, new RegExp(wrong));
    } finally {
      await guarded.remove();
    }
  }
  assert.throws(() => jetstreamBus('http://ann:secret@host'), (error: Error) => /url must be nats:/.test(error.message) && !/secret/.test(error.message)); // prettier-ignore
});

each('of several servers in the address one that is there is enough', async () => {
  const bus = await jetstreamBus(`nats://127.0.0.1:${await freePort()},${server.url}/${nuid.next()}`, {
    partitions: 3,
  });
  assert.is(bus.partitions, 3);
  await bus.close();
});

each('credentials of a file are passed on', async () => {
  const { configuration, credentials, others } = operatorAccount();
  const guarded = await natsServer(() => configuration);
  try {
    assert.match(await reasonOf(jetstreamBus(guarded.url)), /cannot be reached: .*uthoriz/);
    assert.match(await reasonOf(jetstreamBus(guarded.url, { credentials: others })), /cannot be reached: .*uthoriz/);
    const bus = await jetstreamBus(guarded.url, { credentials, partitions: 3 });
    await feed(bus, 9);
    await bus.close();
  } finally {
    await guarded.remove();
  }
});

each('a server without JetStream, and one that is too old, are errors that say so', async () => {
  const plain = await natsServer(() => '', { jetstream: false });
  const old = await oldServer('2.8.4');
  try {
    assert.match(
      await reasonOf(jetstreamBus(plain.url)),
      /has no JetStream; start it with JetStream: nats-server -js$/,
    );
    assert.match(await reasonOf(jetstreamBus(old.url)), /its server is 2\.8\.4, and 2\.9 or later is needed$/);
  } finally {
    await plain.remove();
    old.close();
  }
});

each('streams of somebody else, and more patience than the server has memory, are refused', async () => {
  const connection = await connect({ servers: server.url });
  const manager = await jetstreamManager(connection);
  const name = nuid.next();
  await manager.streams.add({ name: `${name}-out`, subjects: [`other.${name}`] });
  assert.match(
    await reasonOf(jetstreamBus(`${server.url}/${name}`)),
    /-out is not one of a bus: .*choose another name/,
  );
  await connection.close();

  const url = `${server.url}/${nuid.next()}`;
  await (await jetstreamBus(url)).close();
  assert.match(await reasonOf(jetstreamBus(url, { patienceMilliseconds: 60_001 })), /must be at most 60000 on this bus, got 60001$/); // prettier-ignore
  const patient = await jetstreamBus(`${server.url}/${nuid.next()}`, { patienceMilliseconds: 90_000 });
  await patient.close();
});

each('a bus is made where there is none, and the caller can hear of it or forbid it', async () => {
  const name = nuid.next();
  const url = `${server.url}/${name}`;
  assert.match(
    await reasonOf(jetstreamBus(url, { create: false })),
    /: it has no bus of the name \w+; check the address/,
  );
  const manager = await managerOf(server.url);
  for await (const stream of manager.streams.names())
    assert.not.match(stream, new RegExp(name), 'looking made a stream');
  let made = 0;
  const created = (): void => void (made += 1);
  const all = await Promise.all([1, 2, 3].map(() => jetstreamBus(url, { created, partitions: 3 })));
  all.push(await jetstreamBus(url, { create: false, created }));
  assert.is(made, 1);
  for (const bus of all) await bus.close();
});

each('a bus of which a part was deleted is not made again in silence', async () => {
  const manager = await managerOf(server.url);
  for (const [stream, message] of [
    ['-in', /its stream \w+-in is gone, with what was in it; choose another name/],
    ['-out', /its stream \w+-out is gone/],
    ['-states', /its stream \w+-in was used, and the record of its partitions is gone; choose another name/],
  ] as const) {
    const name = nuid.next();
    const bus = await jetstreamBus(`${server.url}/${name}`, { partitions: PARTITIONS });
    await feed(bus, 20);
    await bus.close();
    await manager.streams.delete(stream === '-states' ? `KV_${name}-states` : `${name}${stream}`);
    assert.match(await reasonOf(jetstreamBus(`${server.url}/${name}`)), message);
  }
  const name = nuid.next();
  await (await jetstreamBus(`${server.url}/${name}`)).close();
  await manager.streams.update(`${name}-in`, { discard: DiscardPolicy.Old });
  assert.match(
    await reasonOf(jetstreamBus(`${server.url}/${name}`)),
    /-in drops entries; it must have .* discard: new/,
  );
});

each('a number of partitions that was edited is refused by name', async () => {
  const name = nuid.next();
  const { connection } = await managerOf(server.url);
  await (await jetstreamBus(`${server.url}/${name}`, { partitions: PARTITIONS })).close();
  const edit = (partitions: number): Promise<unknown> =>
    jetstream(connection).publish(`$KV.${name}-states.about`, JSON.stringify({ version: 1, partitions }));
  await edit(9);
  assert.match(
    await reasonOf(jetstreamBus(`${server.url}/${name}`)),
    /about in its bucket \w+-states says 9 partitions, and in \w+-leases 2: keys are in .*; put that back$/,
  );
  await edit(PARTITIONS);
  const bus = await jetstreamBus(`${server.url}/${name}`);
  assert.is(bus.partitions, PARTITIONS);
  assert.is((await bus.leases.list()).size, 0);
  await bus.close();
});

each(
  'a server that was started with an empty store says so to workers, and who looks makes no new bus there',
  async () => {
    let folder = '';
    const emptied = await natsServer((own) => `# ${(folder = own)}`);
    const bus = await jetstreamBus(emptied.url, { partitions: 2, patienceMilliseconds: 300 });
    await feed(bus, 20);
    const gone = /no such stream of the bus, or no JetStream: it was deleted, or/;
    const said = lastValueFrom(
      runPartitions(bus, chainPipeline('key'), { leaseMilliseconds: 500 }).pipe(
        filter((event) => event.kind === 'unavailable' && gone.test(event.reason)),
        take(1),
      ),
    );
    await lastValueFrom(fromBus(bus).pipe(take(20)));
    await emptied.kill();
    rmSync(join(folder, 'jetstream'), { recursive: true });
    await emptied.start();
    await said;
    assert.match(await reasonOf(jetstreamBus(emptied.url, { create: false })), /it has no bus of the name rxrnn/);
    await bus.close();
    await emptied.remove();
  },
);

each('a stream that is deleted under a worker and a reader is said, not taken for an empty one', async () => {
  const name = nuid.next();
  const manager = await managerOf(server.url);
  const bus = await jetstreamBus(`${server.url}/${name}`, { partitions: 1, patienceMilliseconds: 300 });
  await feed(bus, 20);
  const reasons: string[] = [];
  const stop$ = new Subject<void>();
  const working = lastValueFrom(
    runPartitions(bus, chainPipeline('key'), { leaseMilliseconds: 500, idleMilliseconds: 60_000, stop$ }).pipe(
      tap((event) => void ('reason' in event && reasons.push(event.reason))),
    ),
  );
  await lastValueFrom(fromBus(bus).pipe(take(20)));
  const reading = lastValueFrom(fromBus(bus, { channel: 'in', idleMilliseconds: 60_000 }).pipe(toArray())).then(
    () => 'it completed',
    (error: Error) => error.message,
  );
  await setTimeout(300);
  await manager.streams.delete(`${name}-in`);
  await until(() => reasons.length > 0);
  assert.match(reasons[0]!, /stream not found|no stream/);
  assert.match(await reading, /stream not found|no stream/);
  let reason = '';
  await bus.log.end('in', 0).catch((error: unknown) => (reason = (error as Error).message));
  assert.match(reason, /stream not found/);
  stop$.next();
  await working;
  await bus.close();
});

each('a server that allows no more consumers is said', async () => {
  const limited = await natsServer(
    () => 'accounts { A { jetstream { max_consumers: 1 }, users: [{ user: a, password: a }] } }',
  );
  try {
    const account = { user: 'a', password: 'a', patienceMilliseconds: 300 };
    const bus = await jetstreamBus(limited.url, { ...account, partitions: 1 });
    await feed(bus, 9);
    const reading = fromBus(bus, { channel: 'in' });
    const first = new Subject<void>();
    const held = lastValueFrom(reading.pipe(takeUntil(first)), { defaultValue: undefined });
    const manager = await managerOf(limited.url, { user: 'a', pass: 'a' });
    await until(async () => (await manager.streams.info('rxrnn-in')).state.consumer_count === 1);
    let reason = '';
    await lastValueFrom(reading).catch((error: unknown) => (reason = (error as Error).message));
    assert.match(reason, /maximum consumers limit reached/);
    first.next();
    await held;
    await bus.close();
  } finally {
    await limited.remove();
  }
});

each('what another program writes into the buckets is said by name', async () => {
  const name = nuid.next();
  const manager = await managerOf(server.url);
  const bus = await jetstreamBus(`${server.url}/${name}`, { partitions: 1 });
  await feed(bus, 20);
  await lastValueFrom(runPartitions(bus, chainPipeline('key'), { idleMilliseconds: 200 }));
  const { connection } = manager;
  for (const key of ['p0', 'w-x.y', 'a.b.c', 'w-', 'p', '\u00e9', 'zz'])
    connection.publish(`$KV.${name}-leases.${key}`, '\u001b[2J');
  await connection.flush();
  assert.equal([...(await bus.leases.list()).keys()].toSorted(), ['p0']);
  await feed(bus, 20);
  await lastValueFrom(runPartitions(bus, chainPipeline('key'), { idleMilliseconds: 700, leaseMilliseconds: 300 }));
  await check(bus, 40);

  connection.publish(`$KV.${name}-states.about`, 'rubbish');
  await connection.flush();
  const about = await reasonOf(jetstreamBus(`${server.url}/${name}`));
  assert.match(about, /the record about of its bucket \w+-states is not one that a worker of this version wrote: /);
  connection.publish(`$KV.${name}-states.about`, '{"version":1,"partitions":1000000000}');
  await connection.flush();
  assert.match(await reasonOf(jetstreamBus(`${server.url}/${name}`)), /the bus is of another version$/);
  await bus.close();
});

each('a model of which parts were deleted, or that leads elsewhere, is said and not waited for', async () => {
  const name = nuid.next();
  const manager = await managerOf(server.url);
  const bus = await jetstreamBus(`${server.url}/${name}`, { partitions: 1 });
  const hash = await bus.blobs.put(new Uint8Array(300_000).fill(7));
  assert.is((await bus.blobs.get(hash)).length, 300_000);
  await manager.streams.deleteMessage(`OBJ_${name}-blobs`, 2);
  const reason = (wanted: string): Promise<string> =>
    bus.blobs.get(wanted).then(
      () => 'it was read',
      (error: Error) => error.message,
    );
  assert.match(await reason(hash), /the bytes with the SHA-256 [\da-f]{64} were damaged/);
  await manager.streams.purge(`OBJ_${name}-blobs`, { filter: `$O.${name}-blobs.C.>` });
  assert.match(
    await reason(hash),
    /only 0 of 300000 bytes .* came from the server: of its 3 parts 0 are there, the others were deleted$/,
  );
  const store = await new Objm(jetstream(manager.connection)).open(`${name}-blobs`);
  const away = await new Objm(jetstream(manager.connection)).create(`${name}-away`);
  await store.link('f'.repeat(64), await away.putBlob({ name: 'x' }, Uint8Array.of(1)));
  assert.match(await reason('f'.repeat(64)), /were damaged/);
  await bus.close();
});

each('a model is read whole where its server is killed, or the connection cut, meanwhile', async () => {
  const proxy = await cutProxy(server.port);
  const bus = await jetstreamBus(`${proxy.url}/${nuid.next()}`, { partitions: 1 });
  const hash = await bus.blobs.put(new Uint8Array(20_000_000).fill(7));
  let started: Promise<void> | undefined;
  proxy.cutAfter(2_000_000, () => {
    started = server.kill().then(() => server.start());
  });
  assert.is((await bus.blobs.get(hash)).length, 20_000_000);
  assert.ok(started, 'nothing was cut');
  await started;
  await bus.close();
  proxy.close();
});

each('a model that is read from a server that does not come back is an error of that server', async () => {
  const mortal = await natsServer();
  const proxy = await cutProxy(mortal.port);
  const bus = await jetstreamBus(`${proxy.url}/${nuid.next()}`, { partitions: 1, patienceMilliseconds: 50 });
  const hash = await bus.blobs.put(new Uint8Array(20_000_000).fill(7));
  proxy.cutAfter(2_000_000, () => void mortal.kill());
  let reason = 'it was read';
  await bus.blobs.get(hash).catch((error: unknown) => (reason = (error as Error).message));
  assert.match(
    reason,
    /^timeout: nats:\/\/127\.0\.0\.1:\d+\/\w+ has not answered within 5 s: check that the server runs/,
  );
  await bus.close();
  proxy.close();
  await mortal.remove();
});

each('a server that cuts off who waits for more than max_pending is not called damage', async () => {
  const small = await natsServer(() => 'max_pending: 100KB\nmax_payload: 64KB');
  try {
    const bus = await jetstreamBus(`${small.url}/${nuid.next()}`, { partitions: 1, patienceMilliseconds: 50 });
    const hash = await bus.blobs.put(new Uint8Array(3_000_000).fill(7));
    await bus.blobs.get(hash).then(
      () => assert.unreachable('it was read'),
      (error: Error) => assert.match(error.message, /only \d+ of 3000000 bytes .*, its max_pending is too small$/),
    );
    await bus.close();
  } finally {
    await small.remove();
  }
});

each(
  'a server that takes small messages only holds a bus of small entries, and one of too small is refused',
  async () => {
    const small = await natsServer(() => 'max_payload: 9000');
    const tiny = await natsServer(() => 'max_payload: 4000');
    try {
      const bus = await jetstreamBus(small.url, { partitions: 1 });
      assert.is(bus.maxBytes, 9000 - 4096);
      const hash = await bus.blobs.put(new Uint8Array(100_000).fill(7));
      assert.is((await bus.blobs.get(hash)).length, 100_000);
      const value = new Uint8Array(4800).fill(1);
      const items = Array.from({ length: 20 }, (_, i) => ({ key: `${i % 5}`, value }));
      await lastValueFrom(from(items).pipe(toBus(bus)));
      await lastValueFrom(runPartitions(bus, chainPipeline('key'), { idleMilliseconds: 200 }));
      await check(bus, 20);
      await bus.close();
      assert.match(await reasonOf(jetstreamBus(tiny.url)), /takes messages of at most 4000 bytes, and 8192 are needed/);
    } finally {
      await small.remove();
      await tiny.remove();
    }
  },
);

each('a server whose store is full refuses, and the worker goes on when there is room', async () => {
  const limited = await natsServer(
    () => 'accounts { A { jetstream { max_file: 2MB }, users: [{ user: a, password: a }] } }',
  );
  try {
    const bus = await jetstreamBus(limited.url, { user: 'a', password: 'a', partitions: 1, patienceMilliseconds: 200 });
    await feed(bus, 20);
    const large = Array.from({ length: 40 }, () => ({ subject: 'kfull', data: new Uint8Array(100_000) }));
    let reason = '';
    await bus.log.append('dead', 0, large).catch((error: unknown) => (reason = (error as Error).message));
    assert.match(reason, /the account has no storage left on the server: delete .* or raise its max_file$/);
    const reasons: string[] = [];
    const working = lastValueFrom(
      runPartitions(bus, chainPipeline('key'), { idleMilliseconds: 500, leaseMilliseconds: 600 }).pipe(
        tap((event) => void ('reason' in event && reasons.push(event.reason))),
      ),
    );
    await setTimeout(1500);
    await bus.log.trim('dead', 0, Number.MAX_SAFE_INTEGER);
    await working;
    await check(bus, 20);
    await bus.close();
  } finally {
    await limited.remove();
  }
});

each('a server that is out of storage says what to do, and a worker says it once', async () => {
  const limited = await natsServer((folder) => `jetstream { store_dir: "${folder}", max_file_store: 2MB }`, {
    jetstream: false,
  });
  try {
    const bus = await jetstreamBus(limited.url, { partitions: 2, patienceMilliseconds: 200 });
    await feed(bus, 20);
    const large = Array.from({ length: 40 }, () => ({ subject: 'kfull', data: new Uint8Array(100_000) }));
    const advice = /the server has no storage left: delete .* or raise its max_file_store, for which its disk must/;
    let reason = '';
    await bus.log.append('dead', 0, large).catch((error: unknown) => (reason = (error as Error).message));
    assert.match(reason, advice);
    assert.match(await reasonOf(jetstreamBus(`${limited.url}/other`)), advice);
    const said: string[] = [];
    const stop$ = new Subject<void>();
    const failures = new Subject<void>();
    const working = lastValueFrom(
      runPartitions(bus, chainPipeline('key'), { leaseMilliseconds: 300, stop$ }).pipe(
        tap(({ kind }) => void (kind === 'unavailable' && failures.next())),
        eventLines({ worker: 'ann', bus: 'b', lease: 0.3 }),
        tap((line) => void said.push(line)),
      ),
      { defaultValue: undefined },
    );
    await lastValueFrom(failures.pipe(take(4)));
    await bus.log.trim('dead', 0, Number.MAX_SAFE_INTEGER);
    await limited.kill('SIGTERM');
    await limited.start(); // until then server 2.9.10 counts what was deleted
    await lastValueFrom(fromBus(bus).pipe(take(20)));
    stop$.next();
    await working;
    assert.is(said.filter((line) => advice.test(line)).length, 1, said.join('\n'));
    assert.is(said.filter((line) => line.startsWith('ann takes')).length, 1, said.join('\n'));
    await check(bus, 20);
    await bus.close();
  } finally {
    await limited.remove();
  }
});

test('a timeout of a server that is there is not that of one that is away', async () => {
  const late = new TimeoutError();
  const there = { rtt: async () => 1 } as unknown as NatsConnection;
  const away = { rtt: () => Promise.reject(new Error('connection disconnected')) } as unknown as NatsConnection;
  const asked = { address: 'nats://host:4222/name', waited: 30_000 };
  const said = async (connection: NatsConnection): Promise<string> =>
    ((await explainError(connection, late, asked)) as Error).message;
  assert.match(await said(there), /^timeout: the server is there, but its JetStream has not answered within 30 s: /);
  assert.is(
    await said(away),
    'timeout: nats://host:4222/name has not answered within 30 s: check that the server runs, and the network to it',
  );
});

each('a message under a subject that no bus makes is a dead letter', async () => {
  const name = nuid.next();
  const bus = await jetstreamBus(`${server.url}/${name}`, { partitions: 1 });
  const connection = await connect({ servers: server.url });
  for (const own of ['kéé', 'k!', 'a.b.c', 'x'.repeat(300), 'kYQ', 'model'])
    connection.publish(`${name}.in.0.${own}`, 'junk');
  connection.publish(`${name}.in.x.kYQ`, 'junk'); // of no partition: nobody reads it
  await connection.flush();
  await feed(bus, 20);
  await lastValueFrom(runPartitions(bus, chainPipeline('key'), { idleMilliseconds: 300 }));
  const dead = await lastValueFrom(fromBus(bus, { channel: 'dead' }).pipe(take(6), toArray()));
  assert.ok(dead.every(({ value }) => new TextDecoder().decode(value) === 'junk'));
  const out = await lastValueFrom(fromBus(bus).pipe(take(20), toArray()));
  assert.is(out.length, 20);
  await connection.close();
  await bus.close();
});

each('a server with TLS is reached by the certificate of its authority', async () => {
  let ca = '';
  const secure = await natsServer((folder) => {
    const files = ['-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`];
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...name], {
      stdio: 'ignore',
    });
    ca = `${folder}/cert.pem`;
    return `tls { cert_file: "${folder}/cert.pem", key_file: "${folder}/key.pem" }`;
  });
  try {
    let reason = '';
    await jetstreamBus(secure.url).catch((error: unknown) => (reason = (error as Error).message));
    assert.match(reason, /cannot be reached/);
    const bus = await jetstreamBus(secure.url, { tls: { caFile: ca } });
    assert.is(bus.partitions, 64);
    await bus.close();
    const again = await jetstreamBus(secure.url.replace('nats:', 'tls:'), { tls: { caFile: ca } });
    assert.match(again.name, /^tls:/);
    await again.close();
    assert.match(await reasonOf(jetstreamBus(server.url.replace('nats:', 'tls:'))), /cannot be reached/); // it has no TLS
  } finally {
    await secure.remove();
  }
});

test.run();
