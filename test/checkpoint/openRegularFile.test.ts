// No reader of a file opens what is not a regular file, or reads more of one than it takes to refuse it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fileBytes } from '../../src/checkpoint/fileBytes.js';
import { latestCheckpoint } from '../../src/checkpoint/latestCheckpoint.js';
import { loadCheckpoint } from '../../src/checkpoint/loadCheckpoint.js';
import { loadModel } from '../../src/checkpoint/loadModel.js';
import { openRegularFile } from '../../src/checkpoint/openRegularFile.js';
import { readRecording } from '../../src/checkpoint/readRecording.js';
import { readTensors } from '../../src/checkpoint/readTensors.js';
import { isOpen } from '../source/temporary.js';

const READERS: Readonly<Record<string, (path: string) => unknown>> = {
  loadModel,
  loadCheckpoint,
  readTensors,
  readRecording,
  fileBytes,
  openRegularFile,
};
const folder = mkdtempSync(join(tmpdir(), 'rxrnn-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

const OTHERS: Record<string, RegExp> = { [folder]: /it is a directory, expected a file/ };
const IRREGULAR = /it is a device or a pipe, expected a regular file/;
if (process.platform !== 'win32') {
  const [pipe, link] = [join(folder, 'pipe'), join(folder, 'link')];
  execFileSync('mkfifo', [pipe]);
  symlinkSync(pipe, link);
  for (const path of [pipe, link, '/dev/zero', '/dev/tty', '/dev/null']) if (existsSync(path)) OTHERS[path] = IRREGULAR;
}

for (const [name, read] of Object.entries(READERS)) {
  test(`${name} refuses folders, devices and pipes before it opens them`, () => {
    for (const [path, message] of Object.entries(OTHERS)) assert.throws(() => read(path), message);
  });
}

test('latestCheckpoint passes over a checkpoint that is a pipe', () => {
  if (process.platform === 'win32') return;
  const run = mkdtempSync(join(folder, 'run-'));
  execFileSync('mkfifo', [join(run, 'checkpoint-000000002.safetensors')]);
  const refused: string[] = [];
  const onRefused = ({ message }: Error): void => void refused.push(message);
  assert.throws(
    () => latestCheckpoint(run, { onRefused }),
    (error: Error) => error.message.includes('none of the 1 checkpoints'),
  );
  assert.match(refused.join(), IRREGULAR);
});

test('a file of a gigabyte that does not begin as a safetensors file is not read', () => {
  for (const [beginning, message] of [
    [[], 'a header begins with {'],
    [[2, 0, 0, 0, 0, 0, 0, 0], 'a header begins with {'],
    [[0, 0, 0, 0, 0, 0, 0, 1, 0x7b], 'a header has at most 20000000 bytes'],
  ] as const) {
    const path = join(folder, 'hole.safetensors');
    writeFileSync(path, Uint8Array.from(beginning));
    truncateSync(path, 2 ** 30);
    for (const read of [loadModel, loadCheckpoint, readTensors]) {
      const before = process.memoryUsage().rss;
      assert.throws(
        () => read(path),
        (error: Error) => error.message.includes(message),
      );
      assert.ok(process.memoryUsage().rss - before < 2 ** 27);
      assert.not(isOpen(path));
    }
  }
});

test('a regular file is opened, and a link to one', () => {
  const path = join(folder, 'file');
  writeFileSync(path, 'abc');
  const { size } = openRegularFile(path);
  assert.is(size, 3);
  assert.throws(
    () => openRegularFile(join(folder, 'none')),
    (error: Error) => error.message.includes('ENOENT'),
  );
});

test.run();
