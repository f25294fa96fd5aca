import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as fc from 'fast-check';
import { lastValueFrom, take, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { follow, type FollowedLine, type FollowOptions } from '../../src/source/follow.js';
import { type FilePlace, openFollowed } from '../../src/source/openFollowed.js';
import { until as untilTrue } from '../support/until.js';
import { fileClosed, folder, outcome } from './temporary.js';

let folders = 0;

/** A log in a folder of its own. */
function log(content?: string, name = 'app.log'): string {
  const place = join(folder, `follow-${folders++}`);
  mkdirSync(place);
  const path = join(place, name);
  if (content !== undefined) writeFileSync(path, content);
  return path;
}

/** Follows a file, and keeps what it gives. */
function following(path: string, options: FollowOptions = {}) {
  const seen: FollowedLine[] = [];
  const events: string[] = [];
  const source = follow(path, { poll: 20, onEvent: ({ kind }) => events.push(kind), ...options });
  let failure: Error | undefined;
  const subscription = source.subscribe({
    next: (line) => seen.push(line),
    error: (error) => (failure = error as Error),
  });
  return {
    seen,
    events,
    lines: () => seen.map(({ line }) => line),
    leave: () => subscription.unsubscribe(),
    /** Waits until so many lines came. */
    async until(count: number): Promise<string[]> {
      await untilTrue(
        () => failure !== undefined || seen.length >= count,
        () => `${seen.length} of ${count} lines`,
      );
      if (failure) throw failure;
      return seen.map(({ line }) => line);
    },
  };
}

/** Counts the bytes that file handles read from here on. */
async function spiedReads(path: string) {
  const handle = await open(path);
  const proto = Object.getPrototypeOf(handle) as { read: (...args: unknown[]) => Promise<{ bytesRead: number }> };
  await handle.close();
  const { read: own } = proto;
  let bytes = 0;
  proto.read = async function (...args) {
    const found = await own.apply(this, args);
    bytes += found.bytesRead;
    return found;
  };
  return { read: () => bytes, restore: () => void (proto.read = own) };
}

const restOf = async (path: string, place?: FilePlace): Promise<FollowedLine[]> =>
  lastValueFrom(follow(path, { place, untilEnd: true, onEvent: () => undefined }).pipe(toArray()));
const linesOf = (lines: readonly FollowedLine[]): string[] => lines.map(({ line }) => line);

test('lines come as they are written, and one that has not ended waits', async () => {
  const path = log('one\ntw');
  const { until, leave, lines } = following(path);
  await until(1);
  await setTimeout(40);
  assert.equal(lines(), ['one']);
  appendFileSync(path, 'o\nthree\n');
  assert.equal(await until(3), ['one', 'two', 'three']);
  leave();
  await fileClosed(path);
});

test('a file that is not there is waited for, and said to be', async () => {
  const path = log();
  const { until, leave, events } = following(path);
  await untilTrue(() => events.length > 0);
  writeFileSync(path, 'one\n');
  assert.equal(await until(1), ['one']);
  assert.equal(events, ['waiting']);
  leave();
});

test('renamed: the file before is read to its end, what its writer adds late too, then the new one', async () => {
  const path = log('one\n');
  const { until, leave, events, lines } = following(path);
  await until(1);
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, 'two\n');
  writeFileSync(path, ''); // as logrotate makes it
  await until(2);
  await setTimeout(60);
  appendFileSync(`${path}.1`, 'three\nfour'); // the writer has not noticed yet
  await until(3);
  assert.equal(lines(), ['one', 'two', 'three']);
  appendFileSync(path, 'five\n');
  assert.equal(await until(5), ['one', 'two', 'three', 'four', 'five']);
  assert.equal(events, ['rotated']);
  leave();
});

test('renamed: what its writer adds once the new file has been begun comes too, and no file comes twice', async () => {
  const path = log('one\ntwo\n');
  const { until, leave, events } = following(path);
  await until(2);
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'three\n');
  await until(3);
  appendFileSync(`${path}.1`, 'late\nla');
  assert.equal(await until(4), ['one', 'two', 'three', 'late']);
  renameSync(`${path}.1`, `${path}.2`);
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'four\n');
  assert.equal((await until(6)).slice(4).toSorted(), ['four', 'la']);
  appendFileSync(`${path}.2`, 'of a file before the last\n');
  appendFileSync(`${path}.1`, 'late again\n');
  assert.equal((await until(7)).slice(6), ['late again']);
  assert.equal(events, ['rotated', 'rotated']);
  leave();
  await fileClosed(path);
  await fileClosed(`${path}.1`);
});

test('renamed, and the one before written to since: another reader continues after its place', async () => {
  const path = log('one\n');
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'two\nthree\n');
  const { place } = (await restOf(path))[0]!;
  appendFileSync(`${path}.1`, 'late\n');
  renameSync(`${path}.1`, `${path}.2`);
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'four\n');
  assert.equal(linesOf(await restOf(path, place)), ['three', 'four']);
});

test('rotated several times at once: the files between are read in order', async () => {
  const path = log('one\n');
  const { until, leave, events } = following(path);
  await until(1);
  renameSync(path, `${path}.3`);
  for (const [name, text] of [['.2', 'two\n'], ['.1', 'three\n'], ['', 'four\n']] as const) writeFileSync(path + name, text); // prettier-ignore
  writeFileSync(`${path}.2.gz`, 'not a line\n');
  writeFileSync(`${path}ger`, 'of another program\n');
  assert.equal(await until(4), ['one', 'two', 'three', 'four']);
  assert.equal(events, ['rotated', 'rotated', 'rotated']);
  leave();
});

test('truncated, and truncated and written again to the same length: read from the beginning', async () => {
  const path = log('one\ntwo\n');
  const { until, leave, events } = following(path);
  await until(2);
  truncateSync(path);
  await setTimeout(60);
  appendFileSync(path, 'three\n');
  await until(3);
  writeFileSync(path, 'xhree\nfour\n'); // longer than what was read
  assert.equal(await until(5), ['one', 'two', 'three', 'xhree', 'four']);
  assert.equal(events, ['truncated', 'truncated']);
  leave();
});

test('written again, longer, before its end was met: nothing is read from the middle of what is new', async () => {
  const path = log('one\n');
  const followed = await openFollowed(path);
  assert.equal(Buffer.from((await followed.read()) as Uint8Array).toString(), 'one\n');
  writeFileSync(path, 'two\nthree\n');
  assert.is(await followed.read(), 'replaced');
  await followed.close();
});

test('copied and truncated: the copy is read to its end first', async () => {
  const path = log('one\n');
  const first = await restOf(path);
  appendFileSync(path, 'two\nthree\n');
  copyFileSync(path, `${path}.1`);
  writeFileSync(path, 'four\n');
  assert.equal(linesOf(await restOf(path, first[0]!.place)), ['two', 'three', 'four']);
});

test('copied and truncated when a part of its first line had been read: the copy is read', async () => {
  const path = log('on');
  const { read, restore } = await spiedReads(path);
  const { until, leave, events } = following(path);
  await untilTrue(() => read() >= 2);
  restore();
  appendFileSync(path, 'e\ntwo\n');
  copyFileSync(path, `${path}.1`);
  writeFileSync(path, 'three\n');
  assert.equal(await until(3), ['one', 'two', 'three']);
  assert.equal(events, ['rotated']);
  leave();
});

test('from where nothing was read: the oldest file that was written to since, and said to be', async () => {
  const nothing = { inode: '0', offset: 0, head: '0:e3b0c44298fc1c14', modified: Date.now() - 10_000 };
  const path = log('three\n');
  for (const [name, seconds] of [
    ['.2', 20],
    ['.1', 5],
  ] as const) {
    writeFileSync(path + name, `${name}\n`);
    utimesSync(path + name, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
  }
  const { until, leave, events } = following(path, { place: nothing });
  assert.equal(await until(2), ['.1', 'three']);
  assert.equal(events, ['rotated', 'rotated']);
  leave();
  assert.equal(linesOf(await restOf(path, { ...nothing, modified: Date.now() + 10_000 })), ['three']);
});

test('a place is found again after renaming, and after several rotations', async () => {
  const path = log('one\ntwo\n');
  const { place } = (await restOf(path))[0]!;
  renameSync(path, `${path}-20260101`);
  writeFileSync(`${path}-20260102`, 'three\n');
  writeFileSync(path, 'four\n');
  assert.equal(linesOf(await restOf(path, place)), ['two', 'three', 'four']);
  assert.equal(linesOf(await restOf(path, (await restOf(path, place)).at(-1)!.place)), []);
});

test('a place tells its file from one that begins with the same lines, by up to 1,024 bytes before it', async () => {
  const rows = (what: string): string =>
    ['begun', ...Array.from({ length: 300 }, (_, i) => `${what} ${i}`), ''].join('\n');
  const path = log(rows('one'));
  const places = (await restOf(path)).map(({ place }) => place);
  assert.equal(
    [places[0]!, places[299]!].map(({ head }) => head.split(':')[0]),
    ['6', '1024'],
  );
  writeFileSync(path, rows('two'));
  assert.equal(linesOf(await restOf(path, places[99])), rows('two').trimEnd().split('\n'));
});

test('a place whose file is gone is lost, and said to be; a file of the same number is not taken for it', async () => {
  const path = log('one\ntwo\n');
  const { place } = (await restOf(path))[0]!;
  rmSync(path);
  writeFileSync(path, 'other\nlines\n'); // often with the number of the one before
  const { until, leave, events } = following(path, { place });
  assert.equal(await until(2), ['other', 'lines']);
  assert.equal(events, ['lost']);
  leave();
});

test('from any place on the lines are those that follow it', async () => {
  const unit = fc.constantFrom('\r', '\n', '\r\n', 'a', 'bb', 'é', '\u{1f600}', 'x'.repeat(1500));
  await fc.assert(
    fc.asyncProperty(fc.array(unit, { maxLength: 30 }), async (units) => {
      const path = log(units.join(''));
      const all = await restOf(path);
      const expected = units.join('').split(/\r\n|\r|\n/);
      if (expected.at(-1) === '') expected.pop();
      assert.equal(linesOf(all), expected);
      for (const [i, { place }] of all.entries()) {
        const rest = await restOf(path, JSON.parse(JSON.stringify(place)) as FilePlace);
        assert.equal(rest, all.slice(i + 1));
      }
    }),
    { numRuns: 60 },
  );
});

test('written, renamed and left at random: each line comes once and in order', async () => {
  const action = fc.oneof(
    { weight: 6, arbitrary: fc.constant('write') },
    fc.constantFrom('write a part', 'rename', 'create', 'leave', 'pause'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const path = log('0\n');
      const seen: FollowedLine[] = [];
      let reader = following(path, { poll: 2 });
      await reader.until(1); // a place to continue from
      let written = 1;
      let renamed = 0;
      for (const action of actions) {
        if (action === 'write') appendFileSync(path, `${written++}\n`);
        else if (action === 'write a part') appendFileSync(path, `${written++}\n${' '.repeat(3)}`);
        else if (action === 'rename') {
          appendFileSync(path, '');
          renameSync(path, `${path}-2026${String(renamed++).padStart(4, '0')}`);
        } else if (action === 'create') appendFileSync(path, '');
        else if (action === 'pause') await setTimeout(6);
        else {
          reader.leave();
          seen.push(...reader.seen);
          reader = following(path, { poll: 2, place: seen.at(-1)?.place });
        }
      }
      appendFileSync(path, `${written}\n`);
      const numbers = (lines: readonly FollowedLine[]) => linesOf(lines).map((line) => line.trim()).filter((line) => line !== ''); // prettier-ignore
      await untilTrue(() => numbers([...seen, ...reader.seen]).length > written);
      reader.leave();
      const expected = Array.from({ length: written + 1 }, (_, i) => String(i));
      assert.equal(numbers([...seen, ...reader.seen]), expected);
    }),
    { numRuns: 40 },
  );
});

test('demand: no more is read than is asked for', async () => {
  const path = log('line\n'.repeat(100_000));
  const lines = await lastValueFrom(follow(path).pipe(take(3), toArray()));
  assert.equal(lines.map(({ place }) => place.offset), [5, 10, 15]); // prettier-ignore
  await fileClosed(path);
});

test('a folder and a device are refused; invalid bytes and long lines are treated as lines treats them', async () => {
  assert.match(
    (await outcome(follow(folder, { untilEnd: true }))).error!.message,
    /: is a directory, expected a file$/,
  );
  assert.match(
    (await outcome(follow('/dev/null'))).error!.message,
    /: is a device or a pipe, expected a regular file$/,
  );
  const path = log('a\nbbbbbb\n');
  const cut = await lastValueFrom(follow(path, { untilEnd: true, maxLineBytes: 2, onLong: 'cut' }).pipe(toArray()));
  assert.equal(linesOf(cut), ['a', 'bb']);
  const { error } = await outcome(follow(path, { maxLineBytes: 2 }));
  assert.is(error!.message, `${path}, line 2: longer than 2 bytes (maxLineBytes)`);
  await fileClosed(path);
});

for (const [what, options, message] of [
  ['another place', { place: { offset: 3 } }, /^follow: place must be a place that follow gave with a line, got/],
  ['a time that is none', { poll: 0 }, /^follow: poll must be a positive number, got 0/],
  ['a name', { untillEnd: true }, /^follow: unknown option untillEnd; did you mean untilEnd\?/],
] as const) {
  test(`refuses ${what}`, () => assert.throws(() => follow('a', options as FollowOptions), message));
}

test.run();
