import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bus, fileBus } from '../../src/bus.js';
import { conformance } from './conformance.js';

const folders: string[] = [];
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

conformance('fileBus', {
  make: async (options) => fileBus(newFolder(), options),
  again: async (bus: Bus) => fileBus(folderOf(bus), { maxBytes: bus.maxBytes }),
});

for (const sync of [false, true]) {
  test(`states are compacted, and keep their values and revisions${sync ? ', with sync' : ''}`, async () => {
    const folder = newFolder();
    const [bus, other] = [fileBus(folder, { sync }), fileBus(folder, { sync })];
    const revisions = new Map<string, number>();
    const large = new Uint8Array(20_000);
    for (let i = 0; i < (sync ? 250 : 600); i++) {
      const name = `k${i % 5}`;
      large[0] = i;
      const [revision] = await (i % 3 === 0 ? other : bus).states.update(0, [
        { name, data: large, revision: revisions.get(name) ?? 0 },
      ]);
      assert.ok(revision !== undefined, `${i}`);
      revisions.set(name, revision);
    }
    const found = await fileBus(folder).states.get(0, [...revisions.keys()]);
    assert.equal(
      found.map((value) => value!.revision),
      [...revisions.values()],
    );
    const files = readdirSync(join(folder, 'states/0'), { recursive: true, encoding: 'utf8' });
    assert.ok(files.some((name) => name.startsWith('floor-')));
    assert.ok(files.length < 200, `${files.length} files`);
    assert.equal(readdirSync(join(folder, 'tmp')), []);
  });
}

test('a writer that slept while its place was trimmed stores its entry at the end', async () => {
  const folder = newFolder();
  const [bus, sleeper] = [fileBus(folder), fileBus(folder)];
  await sleeper.log.append('in', 0, [{ subject: 'ka', data: bytes('1') }]);
  for (let i = 0; i < 9; i++) await bus.log.append('in', 0, [{ subject: 'ka', data: bytes(`${i}`) }]);
  await bus.log.trim('in', 0, 11);
  const [seq] = await sleeper.log.append('in', 0, [{ subject: 'ka', data: bytes('late') }]);
  assert.is(seq, 11);
  assert.is(await bus.log.end('in', 0), 11);
  const taken = await bus.log.read('in', 0, 11).take(9, 50);
  assert.equal(
    taken.map(({ seq, partition, subject, data }) => [seq, partition, subject, new TextDecoder().decode(data)]),
    [[11, 0, 'ka', 'late']],
  );
});

test('a follower that slept while states were compacted sees them', async () => {
  const folder = newFolder();
  const [bus, sleeper] = [fileBus(folder), fileBus(folder)];
  await sleeper.states.update(0, [{ name: 'ka', data: bytes('1'), revision: 0 }]);
  const large = new Uint8Array(200_000);
  let revision = 1;
  for (let i = 0; i < 40; i++)
    [revision] = (await bus.states.update(0, [{ name: 'ka', data: large, revision }])) as [number];
  assert.equal(await sleeper.states.update(0, [{ name: 'ka', data: bytes('2'), revision: 1 }]), [undefined]);
  assert.is((await sleeper.states.get(0, ['ka']))[0]!.revision, revision);
});

test('a batch that is not whole, as after a loss of power, is refused by name', async () => {
  const folder = newFolder();
  await fileBus(folder).log.append('in', 0, [{ subject: 'ka', data: bytes('x'.repeat(99)) }]);
  const path = join(folder, 'in/0/0/1');
  const whole = readFileSync(path);
  for (const damage of [whole.subarray(0, 0), whole.subarray(0, 50), Buffer.from(whole).fill(0, 60, 70)]) {
    writeFileSync(path, damage);
    await fileBus(folder)
      .log.read('in', 0, 1)
      .take(1, 0)
      .then(
        () => assert.unreachable(),
        (error: Error) => assert.match(error.message, /in\/0\/0\/1 is not a whole batch/),
      );
  }
});

test('a folder that is none, or another version, is refused', () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'file'), '');
  assert.throws(() => fileBus(join(folder, 'file')), /file cannot be used as a bus/);
  mkdirSync(join(folder, 'other'));
  writeFileSync(join(folder, 'other/bus.json'), '{"format":"rxrnn-bus","version":1,"partitions":4}');
  assert.throws(() => fileBus(join(folder, 'other')), /another format or version/);
  writeFileSync(join(folder, 'other/bus.json'), '{');
  assert.throws(() => fileBus(join(folder, 'other')), /cannot be used as a bus: bus\.json is damaged: /);
});

test('a bus whose states were deleted is refused: its model would be another one', async () => {
  const folder = newFolder();
  const bus = fileBus(folder);
  await bus.states.update(0, [{ name: 'model', data: bytes('1'), revision: 0 }]);
  await bus.log.append('out', 0, [{ subject: 'ka', data: bytes('1') }]);
  fileBus(folder);
  rmSync(join(folder, 'states'), { recursive: true });
  assert.throws(() => fileBus(folder), /it has results, and its states are gone, with the model/);
});

test('looking makes no folders, so that who may only read can', async () => {
  const folder = newFolder();
  const bus = fileBus(folder);
  for (const channel of ['in', 'out'] as const) {
    assert.equal(await bus.log.read(channel, undefined, 1).take(1, 0), []);
    assert.is(await bus.log.last(channel, 0, 'ka'), undefined);
  }
  await bus.states.get(0, ['ka']);
  await bus.leases.list();
  assert.equal(readdirSync(folder).toSorted(), ['blobs', 'bus.json', 'partitions-64', 'tmp']);
});

const reasonOf = (made: Promise<unknown>): Promise<string> =>
  made.then(
    () => '',
    (error: Error) => error.message,
  );

test('a batch that is gone from among others is missed by name, in logs and states, until it is given up', async () => {
  const folder = newFolder();
  const bus = fileBus(folder);
  for (const i of ['1', '2', '3']) {
    const data = bytes(i);
    await bus.log.append('out', 0, [{ subject: 'ka', data }]);
    await bus.states.update(0, [{ name: `k${i}`, data, revision: 0 }]);
  }
  for (const [kind, look] of [
    ['out', (): Promise<unknown> => fileBus(folder).log.read('out', 0, 2).take(9, 0)],
    ['out', (): Promise<unknown> => fileBus(folder).log.last('out', 0, 'ka')],
    ['states', (): Promise<unknown> => fileBus(folder).states.get(0, ['ka'])],
  ] as const) {
    const path = join(folder, kind, '0/0/2');
    rmSync(path);
    const reason = await reasonOf(look());
    assert.ok(reason.includes(`${kind}/0 has no entry 2, and has 3: `), reason);
    assert.ok(reason.endsWith(`echo lost > ${path}`), reason);
    writeFileSync(path, 'lost\n');
    assert.is(await reasonOf(look()), '');
  }
  const reader = fileBus(folder).log.read('out', 0, 1);
  for (const seq of [1, 3]) assert.is((await reader.take(1, 0))[0]!.seq, seq);
});

test('a batch at the end that is gone is missed by who was there, until it is given up', async () => {
  const folder = newFolder();
  const bus = fileBus(folder);
  for (let i = 0; i < 3; i++) await bus.log.append('in', 0, [{ subject: 'ka', data: bytes(`${i}`) }]);
  rmSync(join(folder, 'in/0/0/3'));
  rmSync(join(folder, 'in/0/0/2'));
  const look = (): Promise<unknown> => fileBus(folder).log.read('in', 0, 4).take(9, 0);
  assert.match(await reasonOf(look()), /in\/0 ends at 1: .*; to go on without it: echo lost > .*in\/0\/0\/3$/);
  writeFileSync(join(folder, 'in/0/0/3'), 'lost');
  assert.is(await reasonOf(look()), '');
  assert.equal(await fileBus(folder).log.append('in', 0, [{ subject: 'ka', data: bytes('new') }]), [4]);
});

test('a bus is made where there is none, and the caller can hear of it or forbid it', () => {
  const folder = join(newFolder(), 'typo');
  assert.throws(
    () => fileBus(folder, { create: false }),
    /typo cannot be used as a bus: there is none: it has no bus\.json/,
  );
  assert.not.ok(existsSync(folder), 'looking made a folder');
  let made = 0;
  const created = (): void => void (made += 1);
  fileBus(folder, { created, partitions: 3 });
  assert.is(made, 1);
  fileBus(folder, { created });
  assert.is(fileBus(folder, { create: false, created }).partitions, 3);
  assert.is(made, 1);
});

test('a bus whose bus.json is gone is not made again with another number of partitions', async () => {
  const folder = newFolder();
  await fileBus(folder, { partitions: 3 }).log.append('in', 0, [{ subject: 'ka', data: bytes('1') }]);
  rmSync(join(folder, 'bus.json'));
  assert.throws(() => fileBus(folder), /it has in, and its bus\.json is gone: put that back/);
  assert.not.ok(existsSync(join(folder, 'bus.json')));
});

test('a number of partitions that was edited is refused by name, and none is written over it', async () => {
  const folder = newFolder();
  const path = join(folder, 'bus.json');
  fileBus(folder, { partitions: 64 });
  const about = readFileSync(path, 'utf8');
  writeFileSync(path, about.replace('64', '9'));
  assert.throws(
    () => fileBus(folder),
    /bus\.json says 9 partitions: it has the file partitions-64, .*; put 64 back into bus\.json$/,
  );
  assert.not.ok(existsSync(join(folder, 'partitions-9')));
  writeFileSync(path, about);
  assert.is(fileBus(folder).partitions, 64);
  rmSync(join(folder, 'partitions-64')); // as in a bus of an earlier version
  assert.is(fileBus(folder).partitions, 64);
  assert.ok(existsSync(join(folder, 'partitions-64')));
  rmSync(path);
  assert.throws(() => fileBus(folder), /it has partitions-64, and its bus\.json is gone: put that back/);
});

test('more partitions than a bus can have are refused, as an option and in a folder', () => {
  assert.throws(
    () => fileBus(newFolder(), { partitions: 65_537 }),
    /partitions must be an integer from 1 to 65536, got/,
  );
  const folder = newFolder();
  writeFileSync(join(folder, 'bus.json'), '{"format":"rxrnn-bus","version":1,"partitions":1000000000}');
  assert.throws(() => fileBus(folder), /another format or version/);
});

/** Puts what is not a file in the place of one. */
const IN_PLACE: Readonly<Record<string, (path: string) => void>> = {
  'a pipe': (path) => void execFileSync('mkfifo', [path]),
  'a device': (path) => symlinkSync('/dev/zero', path),
  'a directory': (path) => mkdirSync(path),
  'a huge file': (path) => {
    writeFileSync(path, 'rxb1');
    truncateSync(path, 2 ** 40);
  },
};
for (const [what, put] of Object.entries(IN_PLACE)) {
  const message = what === 'a huge file' ? /it has \d+ bytes, expected at most \d+/ : /expected a (regular )?file/;
  test(`${what} in the place of a batch, a state, bus.json or a blob is refused by name`, async () => {
    const folder = newFolder();
    const bus = fileBus(folder, { partitions: 2 });
    await bus.log.append('in', 0, [{ subject: 'ka', data: bytes('1') }]);
    await bus.states.update(0, [{ name: 'ka', data: bytes('1'), revision: 0 }]);
    const blob = await bus.blobs.put(bytes('model'));
    const reads: readonly (readonly [string, (own: Bus) => Promise<unknown>])[] = [
      ['in/0/0/1', (own) => own.log.read('in', 0, 1).take(1, 0)],
      ['in/0/0/1', (own) => own.log.end('in', 0)],
      ['in/0/0/1', (own) => own.log.last('in', 0, 'ka')],
      ['states/0/0/1', (own) => own.states.get(0, ['ka'])],
      [`blobs/${blob}`, (own) => own.blobs.get(blob)],
    ];
    for (const [name, read] of reads) {
      const path = join(folder, name);
      const before = readFileSync(path);
      rmSync(path);
      put(path);
      // a state, also where the process had found its place before
      for (const own of name.startsWith('states') ? [fileBus(folder), bus] : [fileBus(folder)]) {
        if (what === 'a huge file' && own === bus) continue; // it reads that part of it and nothing else
        const reason = await read(own).then(
          () => 'it was read',
          (error: Error) => error.message,
        );
        assert.match(reason, message, name);
        assert.ok(reason.includes(name), reason);
      }
      rmSync(path, { recursive: true });
      writeFileSync(path, before);
      await read(fileBus(folder));
    }
    rmSync(join(folder, 'bus.json'));
    put(join(folder, 'bus.json'));
    assert.throws(() => fileBus(folder), message);
  });
}

test('a bus keeps the number of partitions that it was made with', () => {
  const folder = newFolder();
  assert.is(fileBus(folder, { partitions: 7 }).partitions, 7);
  assert.is(fileBus(folder, { partitions: 9 }).partitions, 7);
  assert.is(fileBus(folder).partitions, 7);
});

test.run();

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-bus-'));
  folders.push(folder);
  return folder;
}

function folderOf(bus: Bus): string {
  return bus.name.slice('file:'.length);
}
