import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readRecording } from '../../src/checkpoint/readRecording.js';
import { writeRecording } from '../../src/checkpoint/writeRecording.js';
import { print } from '../../src/record/print.js';
import type { Recording } from '../../src/record/recording.js';
import { RecordingError } from '../../src/record/RecordingError.js';
import { isOpen } from '../source/temporary.js';

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const recording: Recording = {
  about: 'é漢',
  tracks: [{ title: 'x', marbles: [{ step: 1, kind: 'N', value: 'é' }] }],
};

test('what was written is read', () => {
  const path = join(folder, 'run.marbles.txt');
  writeRecording(path, recording);
  assert.is(readFileSync(path, 'utf8'), print(recording));
  assert.equal(readRecording(path), recording);
});

test('an error names the file, the line and the column', () => {
  const path = join(folder, 'bad.marbles.txt');
  writeFileSync(path, print(recording).replace('title', 'titel'));
  try {
    readRecording(path);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, RecordingError);
    assert.is((error as Error).message, `${path}: expected "title = …", at line 5, column 1`);
  }
});

test('bytes that are not UTF-8 are refused', () => {
  const path = join(folder, 'bytes.marbles.txt');
  const bytes = Buffer.from(print(recording));
  bytes[bytes.indexOf(0xc3)] = 0xff;
  writeFileSync(path, bytes);
  assert.throws(
    () => readRecording(path),
    (error: unknown) => error instanceof RecordingError,
  );
});

test('a long recording is read whole, whatever the characters at the seams of its chunks', () => {
  for (const pad of ['', 'a', 'ab']) {
    const long = { ...recording, about: [pad, ...Array.from({ length: 20_000 }, () => 'é漢😀 and so on')] };
    const path = join(folder, 'long.marbles.txt');
    writeRecording(path, long);
    assert.ok(statSync(path).size > 3 * 0x10000);
    assert.equal(readRecording(path), long);
  }
});

test('a recording may be longer than any line of it may be', () => {
  const path = join(folder, 'lines.marbles.txt');
  const marbles = Array.from({ length: 40 }, (_, i) => ({
    step: i + 1,
    kind: 'N' as const,
    value: 'x'.repeat(100_000),
  }));
  const long: Recording = { about: null, tracks: [{ title: 'x', marbles }] };
  writeRecording(path, long);
  assert.ok(isDeepStrictEqual(readRecording(path), long));
});

test('the file is closed', () => {
  const path = join(folder, 'closed.marbles.txt');
  writeRecording(path, recording);
  readRecording(path);
  assert.not(isOpen(path));
});

for (const [what, head, more, told] of [
  [
    'whose line does not end',
    '% rxrnn recording 1, 1 frame a step\n',
    'é',
    'a line of at most 1048576, at line 2, column 1048577',
  ],
  ['of another kind', 'a log\n', 'of lines\n', '"% rxrnn recording 1, …", at line 1, column 1'],
] as const) {
  test(`a file ${what} is refused without being read to its end`, () => {
    const path = join(folder, 'endless.marbles.txt');
    writeFileSync(path, head + more.repeat(2 ** 21));
    truncateSync(path, 2 ** 33); // a hole of 8 GiB, more than could be read whole
    assert.throws(
      () => readRecording(path),
      (error: unknown) => error instanceof RecordingError && error.message === `${path}: expected ${told}`,
    );
  });
}

test('a file that is missing is an error that names it', () => {
  assert.throws(() => readRecording(join(folder, 'none')), /none: ENOENT/);
});

test('what cannot be printed is not written', () => {
  const path = join(folder, 'none.marbles.txt');
  assert.throws(() => writeRecording(path, { about: () => 1, tracks: [] }), /must be plain data, got a function/);
  assert.not(existsSync(path));
});

test.run();
