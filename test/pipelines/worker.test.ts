// feed.ts, worker.ts and scores.ts, as a user starts, kills and joins them.
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { concatMap, from, lastValueFrom, map, Subject, tap, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventLines } from '../../pipelines/bus/eventLines.js';
import { feedLines } from '../../pipelines/bus/feedLines.js';
import { learnLines, type LineBits, scoreLinesByKey } from '../../pipelines/bus/linePipelines.js';
import { bundledModelPath } from '../../pipelines/models/bundledModelPath.js';
import {
  type Bus,
  type BusEvent,
  fileBus,
  fromBus,
  memoryBus,
  type Pipeline,
  runPartitions,
  toBus,
} from '../../src/bus.js';
import { ODD_KEYS } from '../bus/conformance.js';
import { steers } from '../check/hostile.js';
import { natsServer, natsServerPath } from '../jetstream/natsServer.js';
import { assertRefused, emptyFolder, runScript, runShell } from './runScript.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const KEY = '^\\[(.*?)\\]';
const keys = [...ODD_KEYS.filter((key) => !/[\n\t]/.test(key)), 'ann', 'bob'];
const texts = ['tyrannosaurus', 'abel', 'emma said it', '🦖 né', 'x\u001b[31m\u202e\u009by'];
const input = Array.from({ length: 600 }, (_, i) => `[${keys[(i * i) % keys.length]}] ${texts[i % 5]} ${i % 13}`);
const folder = emptyFolder();
const lines = join(folder, 'lines.txt');
writeFileSync(lines, input.map((line) => `${line}\n`).join(''));

interface Score extends LineBits {
  readonly key: string;
  readonly seq: number;
}

/** The scores on a bus as scores.ts prints them, by key and number. */
async function scoresOf(bus: Bus): Promise<Score[]> {
  const items = await lastValueFrom(fromBus(bus, { idleMilliseconds: 200 }).pipe(toArray()));
  return sorted(
    items.map(({ key, number, value }) => {
      const { line, bits } = JSON.parse(new TextDecoder().decode(value)) as LineBits;
      return { key, seq: number, line, bits };
    }),
  );
}

/** Asserts that numbers grow by one for each key, and sorts. */
function sorted(scores: readonly Score[]): Score[] {
  const last = new Map<string, number>();
  for (const { key, seq } of scores) {
    assert.is(seq, (last.get(key) ?? 0) + 1, `${key} ${seq}`);
    last.set(key, seq);
  }
  return scores.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.seq - b.seq));
}

function start(args: readonly string[]): ChildProcess {
  const tsx = join(project, 'node_modules/tsx/dist/loader.mjs');
  const script = join(project, 'pipelines/worker.ts');
  return spawn(process.execPath, ['--import', tsx, script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Waits until a worker says something. */
function speaks(worker: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => worker.stdout!.once('data', resolve));
}

async function feed(bus: Bus, some: readonly string[]): Promise<void> {
  const values = some.map((line) => ({ key: /^\[(.*?)\]/.exec(line)![1]!, value: new TextEncoder().encode(line) }));
  await lastValueFrom(from(values).pipe(toBus(bus)));
}

const one = `file:${join(folder, 'one')}`;
let undisturbed: Score[] = [];

test('one worker scores what was fed, each key as one stream', async () => {
  const fed = await runScript('feed.ts', ['--bus', one, '--key', KEY, '--json', lines]);
  assert.is(fed.status, 0, fed.stderr);
  assert.is((JSON.parse(fed.stdout) as { lines: number }).lines, 600);
  const worked = await runScript('worker.ts', ['--bus', one, '--until-idle', '0.3', '--json']);
  assert.is(worked.status, 0, worked.stderr);
  const events = worked.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; values?: number });
  assert.is(
    events.reduce((sum, { values = 0 }) => sum + values, 0),
    600,
  );
  const { status, stdout, stderr } = await runScript('scores.ts', ['--bus', one, '--until-idle', '0.3']);
  assert.is(status, 0, stderr);
  assert.not.ok(steers(stdout, '\n'));
  undisturbed = sorted(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Score),
  );
  assert.equal(Object.keys(undisturbed[0]!), ['key', 'seq', 'line', 'bits']);
  assert.equal(undisturbed.map(({ line }) => line).toSorted(), input.toSorted());
  assert.ok(undisturbed.every(({ key, line, bits }) => line.startsWith(`[${key}]`) && bits > 0));
});

test('two workers, killed and started again while lines come: the same scores', async () => {
  const bus = fileBus(join(folder, 'two'), { partitions: 8 });
  const args = ['--bus', bus.name, '--partitions', '9', '--lease', '0.5', '--json'];
  const workers = [start(args), start(args)];
  await Promise.all(workers.map(speaks));
  await feed(bus, input.slice(0, 200));
  await setTimeout(50);
  workers[0]!.kill('SIGKILL');
  await feed(bus, input.slice(200, 400));
  await setTimeout(300);
  workers[1]!.kill('SIGKILL');
  await feed(bus, input.slice(400));
  const last = await runScript('worker.ts', [...args, '--until-idle', '0.3']);
  assert.is(last.status, 0);
  assert.is(last.stderr, '--partitions 9: the bus has had 8 since it was made\n');
  assert.equal(await scoresOf(bus), undisturbed);
});

test('a worker that is asked to end commits first, and waits for nobody', async () => {
  const bus = fileBus(join(folder, 'ended'), { partitions: 4 });
  await feed(bus, input);
  const worker = start(['--bus', bus.name, '--json', '--lease', '600']);
  await speaks(worker);
  worker.stdout!.resume();
  worker.kill('SIGTERM');
  assert.is(await new Promise((resolve) => worker.once('exit', resolve)), 0);
  const holders = Array.from(await bus.leases.list(), ([, { holder }]) => holder);
  assert.equal([...new Set(holders)], ['']);
});

test('a partition that learns foresees its lines better, from where the last worker ended', async () => {
  const bus = memoryBus({ partitions: 1 });
  const model = readFileSync(bundledModelPath('english'));
  const round = async (): Promise<number> => {
    await feed(bus, input.filter(({ length }) => length < 60).slice(0, 100));
    await lastValueFrom(runPartitions(bus, learnLines(0.01), { model, idleMilliseconds: 50 }));
    return (await scoresOf(bus)).reduce((sum, { bits }) => sum + bits, 0);
  };
  const sums = [await round(), await round(), await round()];
  const [first, second, third] = sums.map((sum, i) => sum - (sums[i - 1] ?? 0)) as [number, number, number];
  assert.ok(second < 0.8 * first && third < second, `${first} bits, then ${second}, then ${third}`);
});

test('timers run while a long line is scored, so that leases are renewed', async () => {
  const bus = memoryBus({ partitions: 1 });
  await lastValueFrom(from([{ key: 'a', value: new Uint8Array(120_000).fill(97) }]).pipe(toBus(bus)));
  let renewals = 0; // of the partition's lease
  const counted: Bus = {
    ...bus,
    leases: {
      ...bus.leases,
      put(name, ...more) {
        if (name === 'p0') renewals += 1;
        return bus.leases.put(name, ...more);
      },
    },
  };
  const model = readFileSync(bundledModelPath('english'));
  const atTheEnd: number[] = [];
  const events$ = runPartitions(counted, scoreLinesByKey(), { model, leaseMilliseconds: 60, idleMilliseconds: 50 });
  await lastValueFrom(events$.pipe(tap(({ kind }) => void (kind === 'committed' && atTheEnd.push(renewals)))));
  assert.is(atTheEnd.length, 1);
  assert.ok(atTheEnd[0]! > 2, `${atTheEnd[0]} times`); // else two workers would take it from each other for ever
});

test('what others wrote steers no terminal that shows the events', async () => {
  const url = `file:${join(folder, 'forged')}`;
  const bus = fileBus(join(folder, 'forged'), { partitions: 1 });
  const evil = '\u001b[2J\u202e\u009b';
  await bus.leases.put('p0', evil, 0);
  await lastValueFrom(from([{ key: evil, value: Uint8Array.of(255) }]).pipe(toBus(bus)));
  for (const more of [['--json'], []]) {
    const { status, stdout, stderr } = await runScript('worker.ts', ['--bus', url, '--lease', '0.1', '--until-idle', '0.3', ...more]); // prettier-ignore
    assert.is(status, 0, stderr);
    assert.not.ok(steers(stdout, '\n'), stdout);
    if (more.length > 0) assert.match(stdout, /"kind":"taken","partition":0,"from":"\\u001b\[2J\\u202e\\u009b"/);
    await bus.leases.put('p0', evil, (await bus.leases.list()).get('p0')!.revision);
  }
});

test('a line that is not UTF-8 is a dead letter', async () => {
  const bus = memoryBus({ partitions: 1 });
  const values = [[120], [255, 120], [121]].map((bytes) => ({ key: 'a', value: Uint8Array.from(bytes) }));
  await lastValueFrom(from(values).pipe(toBus(bus)));
  const model = readFileSync(bundledModelPath('names'));
  await lastValueFrom(runPartitions(bus, learnLines(0.01), { model, idleMilliseconds: 50 }));
  const dead$ = fromBus(bus, { channel: 'dead', idleMilliseconds: 50 });
  assert.equal(
    await lastValueFrom(
      dead$.pipe(
        map(({ value }) => [...value]),
        toArray(),
      ),
    ),
    [[255, 120]],
  );
  assert.equal((await scoresOf(bus).catch(() => [])).length, 0); // numbers 1 and 3: there is a gap
});

for (const [script, printed] of [
  ['feed.ts', /^2401 lines in \d+ frames on memory:$/m],
  ['worker.ts', /^2401 lines scored/m],
  ['scores.ts', /^\{"key":"person","seq":1,"line":"emma,person","bits":/m],
] as const) {
  test(`${script} without options runs on data in data/`, async () => {
    const { status, stdout, stderr } = await runScript(script, []);
    assert.is(status, 0, stderr);
    assert.match(stdout, printed);
  });
}

test('lines without a key are counted, and an expression that matches none is said', async () => {
  for (const [key, said] of [
    ['.', ''],
    ['ann', /^--key found no key, or an empty one, in \d+ of 600 lines: they share an empty key\n$/],
    ['no such key', /^--key found no key in any of 600 lines: all share an empty key, as without --key\n$/],
  ] as const) {
    const { status, stderr } = await runScript('feed.ts', ['--key', key, lines]);
    assert.is(status, 0, stderr);
    if (said === '') assert.not.match(stderr, /--key/);
    else assert.match(stderr, said);
  }
});

test('the line of the README that feeds lines of JSON finds their keys', async () => {
  const readme = readFileSync(join(project, 'src/bus/README.md'), 'utf8');
  const [, line] = /^```sh\n(printf .*)\n```$/m.exec(readme)!;
  const bus = `file:${join(folder, 'json')}`;
  const said = await runShell('feed.ts', line!.replace('npx rxrnn feed', '$SCRIPT').replace('file:/tmp/json', bus));
  assert.is(said.status, 0, said.stderr);
  assert.match(said.stdout, /^2 lines in 2 frames on /);
  const items = await lastValueFrom(
    fromBus(fileBus(join(folder, 'json')), { channel: 'in', idleMilliseconds: 50 }).pipe(toArray()),
  );
  assert.equal(items.map(({ key }) => key).toSorted(), ['a', 'b']);
});

test('a typo in the address is said, or refused', async () => {
  for (const [script, more] of [
    ['feed.ts', [lines]],
    ['worker.ts', ['--until-idle', '0.2']],
    ['scores.ts', ['--until-idle', '0.2']],
  ] as const) {
    const typo = `file:${join(folder, `typo of ${script}`)}`;
    const reader = script === 'scores.ts';
    const none =
      /there is none: it has no bus\.json; check the address, or begin with what may make a bus, such as feed$/m;
    await assertRefused(script, ['--bus', typo, ...(reader ? [] : ['--existing']), ...more], none);
    assert.not.ok(existsSync(typo.slice('file:'.length)), 'looking made a folder');
    if (reader) continue;
    const made = 'a new, empty one was made, with 5 partitions (--existing would refuse that)';
    const said = `there was no bus at ${typo}: ${made}\n`;
    for (const stderr of script === 'feed.ts' ? [said, ''] : [said]) {
      const run = await runScript(script, ['--bus', typo, '--partitions', '5', ...more]);
      assert.is(run.status, 0, run.stderr);
      assert.is(run.stderr, stderr);
    }
  }
});

test('a model file that is replaced under a worker changes nothing until a worker comes with it', async () => {
  const bus = fileBus(join(folder, 'replaced'), { partitions: 2 });
  const path = join(folder, 'model.safetensors');
  copyFileSync(bundledModelPath('names'), path);
  await feed(bus, input.slice(0, 100));
  const worker = start(['--bus', bus.name, '--model', path, '--json', '--lease', '0.5']);
  await speaks(worker);
  writeFileSync(path, 'half of a mod');
  await feed(bus, input.slice(100, 200));
  worker.kill('SIGKILL');
  await assertRefused(
    'worker.ts',
    ['--bus', bus.name, '--model', path],
    /--model: .*model\.safetensors is not a model file; `rxrnn charlm --out FILE` makes one \(/,
  );
  const last = await runScript('worker.ts', ['--bus', bus.name, '--until-idle', '0.3', '--lease', '0.5']);
  assert.is(last.status, 0, last.stderr);
  const before = await scoresOf(bus);
  assert.is(before.length, 200);
  const alone = memoryBus({ partitions: 2 });
  await feed(alone, input.slice(0, 200));
  const model = readFileSync(bundledModelPath('names'));
  await lastValueFrom(runPartitions(alone, scoreLinesByKey(), { model, idleMilliseconds: 100 }));
  assert.equal(before, await scoresOf(alone));
  copyFileSync(bundledModelPath('english'), path); // of other sizes and symbols: the states start again
  const swapped = await runScript('worker.ts', ['--bus', bus.name, '--model', path, '--until-idle', '0.3', '--json']);
  assert.is(swapped.status, 0, swapped.stderr);
  await feed(bus, input.slice(200, 300));
  const next = await runScript('worker.ts', ['--bus', bus.name, '--until-idle', '0.3', '--json']);
  assert.is(next.status, 0, next.stderr);
  assert.not.match(next.stdout, /"dead"/);
  assert.is((await scoresOf(bus)).length, 300);
});

test('two feeds at once lose nothing, and each keeps the order of its lines', async () => {
  const url = `file:${join(folder, 'both')}`;
  const bus = fileBus(join(folder, 'both'), { partitions: 3 });
  const others = join(folder, 'others.txt');
  writeFileSync(others, input.map((line) => `${line} again\n`).join(''));
  const files = [lines, others];
  const fed = await Promise.all(files.map((file) => runScript('feed.ts', ['--bus', url, '--key', KEY, file])));
  assert.ok(fed.every(({ status }) => status === 0));
  const items = await lastValueFrom(fromBus(bus, { channel: 'in', idleMilliseconds: 50 }).pipe(toArray()));
  const stored = items.map(({ value }) => new TextDecoder().decode(value));
  assert.is(stored.length, 2 * input.length);
  for (const key of keys) {
    const own = stored.filter((_, i) => items[i]!.key === key);
    const all = input.filter((line) => line.startsWith(`[${key}]`));
    assert.equal(
      own.filter((line) => !line.endsWith(' again')),
      all,
    );
    assert.equal(
      own.filter((line) => line.endsWith(' again')),
      all.map((line) => `${line} again`),
    );
  }
});

test('a feed that is ended has stored the first lines, as many as it counts', async () => {
  const bus = memoryBus();
  const stop$ = new Subject<void>();
  let read = 0;
  const keyOf = (): string => {
    if (++read === 100) stop$.next();
    return 'a';
  };
  const fed = await lastValueFrom(feedLines(bus, { file: lines, keyOf, maxLineBytes: 0x10000, stop$ }));
  assert.is(fed.lines, 99);
  const stored = await lastValueFrom(fromBus(bus, { channel: 'in', idleMilliseconds: 50 }).pipe(toArray()));
  assert.equal(
    stored.map(({ value }) => new TextDecoder().decode(value)),
    input.slice(0, 99),
  );
});

test('a partition that fails twice at once is named once', async () => {
  const failed: BusEvent = { kind: 'failed', partition: 3, reason: 'no' };
  const said = from([failed, failed]).pipe(eventLines({ worker: 'w', bus: 'b', lease: 3 }), toArray());
  assert.equal(await lastValueFrom(said), ['w failed on partition 3 and tries again: no']);
});

test('mistakes are one line', async () => {
  await assertRefused('feed.ts', ['--bus', 'ftp:x'], /--bus must be file:FOLDER.*got ftp:x$/m);
  for (const script of ['feed.ts', 'worker.ts', 'scores.ts'])
    for (const option of ['--creds', '--tls-ca'])
      await assertRefused(script, [option, 'x'], new RegExp(`${option}: is for a --bus nats:.* got memory:\n$`));
  await assertRefused('feed.ts', ['--key', '('], /^feed\.ts: --key: /);
  await assertRefused('worker.ts', ['--bus', `file:${lines}`], /fileBus: .*lines\.txt cannot be used as a bus: /);
  await assertRefused('worker.ts', ['--lease', '0.001'], /--lease must be a number from 0\.1, got 0\.001$/m);
  await assertRefused('worker.ts', ['--name', 'a.b'], /--name must have/);
  await assertRefused('feed.ts', ['--existing', '--partitions', '3'], /--partitions: .* --existing makes none$/m);
});

test('a bus that is lost is one line, and so is its return; a fault of many partitions is one', async () => {
  const all = Array.from({ length: 64 }, (_, partition) => partition);
  const failed = all.map((partition) => ({ kind: 'failed', partition, reason: 'timeout' }) as const);
  const away = { kind: 'unavailable', reason: 'timeout' } as const;
  const back = { kind: 'available' } as const;
  const say = async (events: readonly BusEvent[]): Promise<string[]> =>
    lastValueFrom(from(events).pipe(eventLines({ worker: 'ann', bus: 'nats://a/b', lease: 3 }), toArray()));
  assert.equal(await say([...failed, away, ...failed, away, back]), [
    'ann cannot use nats://a/b and tries again: timeout',
    'ann can use nats://a/b again',
  ]);
  assert.equal(await say(failed), ['ann failed on partitions 0-63 and tries again: timeout']);
  const swapped = all.map((partition) => ({ kind: 'model', partition, epoch: 2 }) as const);
  assert.equal(await say(swapped), ['ann has model 2 on partitions 0-63']);
});

test('what happens to partitions again and again is said once while nothing has changed', async () => {
  const of = (kind: 'taken' | 'returned'): BusEvent[] => [0, 1].map((partition) => ({ kind, partition }));
  const failed = (reason: string): BusEvent[] => [0, 1].map((partition) => ({ kind: 'failed', partition, reason }));
  const lost: BusEvent[] = [0, 1].map((partition) => ({ kind: 'lost', partition, reason: 'its lease is over' }));
  const worked = { kind: 'committed', partition: 0, seq: 1, frames: 1, values: 0 } as const;
  const away = { kind: 'unavailable', reason: 'full' } as const;
  const back = { kind: 'available' } as const;
  const turns = new Subject<readonly BusEvent[]>();
  const said: string[] = [];
  const ended = lastValueFrom(
    turns.pipe(
      concatMap((events) => from(events)),
      eventLines({ worker: 'ann', bus: 'b', lease: 3 }),
      tap((line) => void said.push(line)),
    ),
  );
  const say = async (...events: BusEvent[][]): Promise<string[]> => {
    said.length = 0;
    for (const some of events) {
      turns.next(some);
      await setTimeout(250); // those of 0.2 s share lines
    }
    return [...said];
  };
  assert.equal(await say(of('taken'), of('taken')), ['ann takes partitions 0-1']);
  assert.equal(await say(failed('x'), failed('x'), failed('y'), failed('x')), [
    'ann failed on partitions 0-1 and tries again: x',
    'ann failed on partitions 0-1 and tries again: y',
  ]);
  assert.equal(await say([worked], failed('x')), ['ann failed on partition 0 and tries again: x']);
  assert.equal(await say([away], lost, of('taken'), [back]), [
    'ann cannot use b and tries again: full',
    'ann can use b again',
  ]);
  assert.equal(await say([away], lost, [back]), [
    'ann cannot use b and tries again: full',
    'ann can use b again',
    'ann stops with partitions 0-1: its lease is over',
  ]);
  assert.equal(await say(of('taken'), [away], of('returned')), [
    'ann takes partitions 0-1',
    'ann cannot use b and tries again: full',
  ]);
  said.length = 0;
  turns.complete();
  await ended;
  assert.equal(said, ['ann gives back partitions 0-1']);
});

test('a line that was cut ends with an ellipsis in its score, the others do not', async () => {
  const bus = memoryBus({ partitions: 1 });
  const file = join(folder, 'long.txt');
  writeFileSync(file, `${'a'.repeat(30)}\nbé${'é'.repeat(10)}\nshort\n`);
  let cut = 0;
  await lastValueFrom(feedLines(bus, { file, keyOf: () => 'a', maxLineBytes: 10, cut: () => (cut += 1) }));
  const model = readFileSync(bundledModelPath('names'));
  await lastValueFrom(runPartitions(bus, scoreLinesByKey(), { model, idleMilliseconds: 50 }));
  assert.equal(
    (await scoresOf(bus)).map(({ line }) => line),
    [`${'a'.repeat(10)}…`, 'béééé…', 'short'],
  );
  assert.is(cut, 2);
});

test('a bus without a model, such as one that was emptied, says what that means and what to do', async () => {
  for (const pipeline of [scoreLinesByKey(), learnLines(0.01)]) {
    const reason = await lastValueFrom(runPartitions(memoryBus(), pipeline as Pipeline<unknown>)).then(
      () => 'it ran',
      (error: Error) => error.message,
    );
    assert.match(
      reason,
      /the bus has no model: it was emptied, or .* another one; .* start a worker again, with --model /,
    );
  }
});

test('a pipe that closes is an ordinary end', async () => {
  const { status, stdout, stderr } = await runShell('scores.ts', `$SCRIPT --bus '${one}' | head -2`);
  assert.is(status, 0, stderr);
  assert.is(stdout.split('\n').length, 3);
});

(natsServerPath === undefined ? test.skip : test)('on a server too an error ends a command', async () => {
  const server = await natsServer();
  try {
    const bus = ['--bus', `${server.url}/ends`];
    await runScript('feed.ts', [...bus, '--partitions', '2', lines]);
    await runScript('worker.ts', [...bus, '--until-idle', '0.5']);
    const other = await runScript('worker.ts', [...bus, '--learn']);
    assert.match(other.stderr, /pipeline/);
    assert.is(other.status, 2);
    const printing = runScript('scores.ts', [...bus, '--until-idle', '30']);
    await setTimeout(2000); // while it reads
    await server.kill('SIGKILL');
    const { status, stderr } = await printing;
    assert.is(status, 2, stderr);
  } finally {
    await server.remove();
  }
});

test.run();
