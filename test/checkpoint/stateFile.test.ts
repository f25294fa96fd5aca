import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stateFile } from '../../src/checkpoint/stateFile.js';
import { temporaryFolder } from './runs.js';

const kind = 'test 1';
const values = { count: 3, text: 'é\u0000"', list: [1.5, null, { deep: true }] };
const bytes = Uint8Array.of(0, 10, 255);
const NOW = Date.UTC(2026, 10, 30, 22, 47, 12, 999);

test('what is written is read, and replaced', () => {
  const path = join(temporaryFolder(), 'a.state');
  const file = stateFile(path, { kind });
  assert.is(file.read(), undefined);
  file.write({ values, bytes });
  file.close();
  const again = stateFile(path, { kind });
  assert.equal(again.read(), { values, bytes });
  again.write({ values: {} });
  assert.equal(again.read(), { values: {}, bytes: new Uint8Array(0) });
  again.close();
});

test('a new file is its owner’s alone, and an old one keeps its permissions', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.state');
  const mode = (name: string): number => statSync(join(folder, name)).mode & 0o777;
  const file = stateFile(path, { kind });
  file.write({ values });
  file.mark(1);
  assert.equal([mode('a.state'), mode('.a.state.mark')], [0o600, 0o600]);
  chmodSync(path, 0o640);
  file.write({ values });
  assert.is(mode('a.state'), 0o640);
  file.close();
});

test('marks belong to the file: they survive the run, and not the file', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.state');
  let file = stateFile(path, { kind });
  assert.throws(() => file.mark(1), /nothing was read or written yet/);
  file.write({ values });
  assert.is(file.marked(), 0);
  for (const count of [1, 12, 9]) file.mark(count);
  assert.is(file.marked(), 9);
  file.close();
  assert.equal(readdirSync(folder).toSorted(), ['.a.state.mark', 'a.state']);
  file = stateFile(path, { kind });
  file.read();
  assert.is(file.marked(), 9);
  file.close();
  rmSync(path);
  file = stateFile(path, { kind });
  assert.is(file.read(), undefined);
  file.write({ values });
  assert.is(file.marked(), 0);
  writeFileSync(join(folder, '.a.state.mark'), 'x');
  assert.is(file.marked(), 0);
  file.close();
});

for (const name of ['a.state', 'a'.repeat(190), 'b'.repeat(236), 'c'.repeat(255), '状'.repeat(85), '🙂'.repeat(60)]) {
  test(`a file is set aside with its marks, and both continue: a name of ${Buffer.byteLength(name)} bytes`, () => {
    const folder = temporaryFolder();
    const path = join(folder, name);
    const file = stateFile(path, { kind });
    assert.throws(() => file.setAside(NOW), /^stateFile: \S+ cannot be set aside: .*ENOENT/);
    const kept: string[] = [];
    for (let i = 1; i <= 3; i++) {
      file.write({ values: { i } });
      file.mark(i);
      kept.push(file.setAside(NOW));
      assert.equal([file.read(), file.marked()], [undefined, 0]);
      assert.throws(() => file.mark(1), /nothing was read or written yet/);
    }
    file.write({ values });
    file.mark(9);
    assert.throws(() => file.setAside(NaN), /^stateFile\.setAside: now must be/);
    for (const [i, path] of kept.entries()) {
      const [first, end] = [Array.from(name)[0]!, `.2026-11-30T22-47-12${['', '-2', '-3'][i]}`];
      assert.ok(basename(path).startsWith(first) && path.endsWith(end), path);
      if (name === 'a.state') assert.is(basename(path), `${name}${end}`);
      const one = stateFile(path, { kind });
      assert.equal(one.read()!.values, { i: i + 1 });
      assert.is(one.marked(), i + 1);
      one.close();
    }
    assert.is(file.marked(), 9);
    file.close();
    assert.is(readdirSync(folder).length, 8);
  });
}

test('what cannot be continued is set aside as it is, without a file of that name to be overwritten', () => {
  const path = join(temporaryFolder(), 'a.state');
  writeFileSync(path, 'damaged');
  const file = stateFile(path, { kind });
  assert.throws(() => file.read(), /cannot be continued/);
  const kept = file.setAside(NOW);
  assert.is(readFileSync(kept, 'utf8'), 'damaged');
  file.write({ values });
  assert.equal(file.read()!.values, values);
  file.close();
});

test('a folder, a device and a pipe are refused before anything is locked, renamed or waited for', () => {
  const folder = temporaryFolder();
  const pipe = join(folder, 'pipe');
  const devices = spawnSync('mkfifo', [pipe]).status === 0 ? [pipe, '/dev/null'] : [];
  for (const path of [folder, ...devices]) {
    assert.throws(
      () => stateFile(path, { kind }),
      /^stateFile: \S+ cannot be used: it is a (directory, expected a file|device or a pipe, expected a regular file)$/,
    );
  }
  assert.equal(
    readdirSync(folder).filter((name) => name !== 'pipe'),
    [],
  );
});

test('values that would not come back as they are are refused by name', () => {
  const file = stateFile(join(temporaryFolder(), 'a.state'), { kind });
  class Point {
    readonly x = 1;
  }
  for (const [key, value] of Object.entries({
    date: new Date(0),
    map: new Map([[1, 2]]),
    list: Float64Array.of(1),
    point: new Point(),
    url: new URL('http://a/'),
  })) {
    // prettier-ignore
    assert.throws(() => file.write({ values: { [key]: value } }), new RegExp(`^values must be JSON, got .* as "?${key}"?$`));
  }
  const plain = { none: null, list: [1, 'a', { b: [] }], bare: Object.assign(Object.create(null) as object, { c: 1 }) };
  file.write({ values: plain });
  assert.equal(file.read()!.values, JSON.parse(JSON.stringify(plain)));
  file.close();
});

test('a mark survives SIGKILL', () => {
  const path = join(temporaryFolder(), 'a.state');
  const module = new URL('../../src/checkpoint/stateFile.ts', import.meta.url).href;
  const program = `const { stateFile } = await import(${JSON.stringify(module)});
    const file = stateFile(${JSON.stringify(path)}, { kind: 'test 1' });
    file.write({ values: {} });
    for (let i = 1; i <= 1000; i++) file.mark(i);
    process.kill(process.pid, 'SIGKILL');`;
  const { signal } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
  assert.is(signal, 'SIGKILL');
  const file = stateFile(path, { kind }); // the lock of the dead is taken over
  file.read();
  assert.is(file.marked(), 1000);
  file.close();
});

test('what a run that was killed left of a state is removed, and nothing of others or of a run that lives', () => {
  const folder = temporaryFolder();
  const real = temporaryFolder();
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(join(folder, 'b'), '');
  const others = ['b', `.b.tmp-${dead}-0`, `.a.tmp-${process.ppid}-0`];
  for (const name of [`.a.tmp-${dead}-0`, ...others]) writeFileSync(join(folder, name), '');
  stateFile(join(folder, 'a'), { kind }).close();
  assert.equal(readdirSync(folder).toSorted(), others.toSorted());
  symlinkSync(join(real, 'c'), join(folder, 'c'));
  writeFileSync(join(real, 'c'), '');
  writeFileSync(join(real, `.c.tmp-${dead}-0`), '');
  stateFile(join(folder, 'c'), { kind }).close();
  assert.equal(readdirSync(real), ['c']);
});

test('a file that was damaged anywhere is refused, and not overwritten', () => {
  const path = join(temporaryFolder(), 'a.state');
  const file = stateFile(path, { kind });
  file.write({ values, bytes });
  const good = readFileSync(path);
  file.close();
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, change, cut) => {
      const bad = Buffer.from(good);
      bad[at]! ^= change;
      writeFileSync(path, cut ? good.subarray(0, at) : bad);
      const file = stateFile(path, { kind });
      const refused =
        /^stateFile: .*a\.state cannot be continued: .*; move it away to start from nothing, or name another file$/;
      assert.throws(() => file.read(), refused);
      assert.throws(() => file.write({ values }), refused);
      file.close();
    }),
  );
});

for (const [what, prepare, message] of [
  [
    'another kind',
    (path: string) => {
      const file = stateFile(path, { kind: 'other\u001b 2' });
      file.write({ values });
      file.close();
    },
    /it is a state of "?other\\u001b 2"?, not of test 1; move it away/,
  ],
  [
    'another file',
    (path: string) => writeFileSync(path, '{"some": "thing else"}'),
    /cannot be continued: it is not a state; move/,
  ],
  ['an empty file', (path: string) => writeFileSync(path, ''), /cannot be continued: it is not a state/],
] as const) {
  // prettier-ignore
  test(`refuses ${what}`, () => {
    const path = join(temporaryFolder(), 'a.state');
    prepare(path);
    const file = stateFile(path, { kind });
    assert.throws(() => file.read(), message);
    file.close();
  });
}

test('one run at a time has the file; a missing folder, and a link planted for the marks, are refused', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.state');
  const file = stateFile(path, { kind });
  assert.throws(() => stateFile(path, { kind }), /^stateFile: .*a\.state cannot be used: .*is in use by a run of this process/); // prettier-ignore
  assert.throws(() => stateFile(join(folder, 'none/a'), { kind }), /cannot be used: its folder is missing/);
  symlinkSync(join(folder, 'precious'), join(folder, '.a.state.mark'));
  file.write({ values });
  assert.throws(() => file.mark(1), /^stateFile: \S*\.a\.state\.mark must be a file, .*; remove what is there$/);
  assert.not(existsSync(join(folder, 'precious')));
  assert.throws(() => file.write({ values: { count: NaN } }), /values must be JSON, got NaN as "count"/);
  file.close();
});

if (process.platform !== 'win32') {
  test('what is not a file in place of the marks or of the lock is refused at once, and stays', () => {
    const folder = temporaryFolder();
    const file = stateFile(join(folder, 'a.state'), { kind: 'a 1' });
    file.write({ values: {} });
    execFileSync('mkfifo', [join(folder, '.a.state.mark')]);
    const marks = /^stateFile: \S*\.a\.state\.mark must be a file, with the marks of a run; remove what is there$/;
    assert.throws(() => file.mark(1), marks);
    assert.throws(() => file.marked(), marks);
    file.close();
    const hour = Date.now() / 1000 - 3600;
    execFileSync('mkfifo', [join(folder, '.a.state.lock')]);
    utimesSync(join(folder, '.a.state.lock'), hour, hour);
    symlinkSync('/dev/zero', join(folder, '.b.state.lock'));
    lutimesSync(join(folder, '.b.state.lock'), hour, hour);
    mkdirSync(join(folder, '.c.state.lock'));
    utimesSync(join(folder, '.c.state.lock'), hour, hour);
    const before = readdirSync(folder);
    for (const name of ['a', 'b', 'c']) {
      assert.throws(
        () => stateFile(join(folder, `${name}.state`), { kind: 'a 1' }),
        /^stateFile: \S*state cannot be used: \S*\.state\.lock must be a file, the lock of a run; remove what is there$/,
      );
    }
    assert.equal(readdirSync(folder), before);
  });
}

test.run();
