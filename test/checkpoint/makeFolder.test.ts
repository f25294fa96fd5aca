import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fileBus } from '../../src/bus.js';
import { makeFolder } from '../../src/checkpoint/makeFolder.js';
import { studioTab } from '../../src/studio.js';

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-folder-'));
const code = ({ code }: NodeJS.ErrnoException): string | undefined => code;

test.after(() => rmSync(folder, { recursive: true }));

test('folders are made with those above them, and one that is there stays', () => {
  const path = join(folder, 'a', 'b', 'c');
  makeFolder(path);
  writeFileSync(join(path, 'file'), '');
  makeFolder(path);
  assert.ok(existsSync(join(path, 'file')));
});

test('a file in the place of one is an Error', () => {
  writeFileSync(join(folder, 'file'), '');
  assert.throws(
    () => makeFolder(join(folder, 'file')),
    (error: Error) => code(error) === 'EEXIST',
  );
  assert.throws(
    () => makeFolder(join(folder, 'file', 'a')),
    (error: Error) => code(error) === 'ENOTDIR',
  );
});

// Node's own recursive mkdir never returns there
const inProc = existsSync('/proc/self') ? test : test.skip;
inProc('where the system makes no folders it is an Error, of a bus and of a tab too', async () => {
  assert.throws(
    () => makeFolder('/proc/rxrnn/a'),
    (error: Error) => code(error) === 'ENOENT',
  );
  assert.throws(() => fileBus('/proc/rxrnn'), /^fileBus: \/proc\/rxrnn cannot be used as a bus: ENOENT/);
  await studioTab('/proc/rxrnn', ['anna']).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(code(error), 'ENOENT'),
  );
});

test('a bus whose folder was deleted says so', async () => {
  const path = join(folder, 'bus');
  const bus = fileBus(path);
  rmSync(path, { recursive: true });
  await bus.log.append('in', 0, [{ subject: 'a', data: Uint8Array.of(1) }] as never).then(
    () => assert.unreachable(),
    ({ message }: Error) => assert.match(message, /the folder of the bus was deleted: .*tmp is gone$/),
  );
});

test.run();
