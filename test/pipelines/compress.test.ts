import { spawn } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundledFile } from '../../src/index.js';
import { bundledScript } from './bundledScript.js';
import { emptyFolder, runScript } from './runScript.js';

test('compress and decompress: a file is restored, and nothing is left beside it', async () => {
  const folder = emptyFolder();
  const bytes = Buffer.from([...Array(2000).keys()].map((i) => (i * i) % 251));
  writeFileSync(join(folder, 'a'), bytes);
  const made = await runScript('compress.ts', ['a', '--out', 'a.rx', '--json', '--bytes'], folder);
  assert.equal([made.status, made.stderr], [0, '']);
  const { read, written } = JSON.parse(made.stdout) as { read: number; written: number };
  assert.equal([read, written], [2000, readFileSync(join(folder, 'a.rx')).length]);
  const restored = await runScript('decompress.ts', ['a.rx', '--out', 'b'], folder);
  assert.equal([restored.status, restored.stderr], [0, '']);
  assert.equal(readFileSync(join(folder, 'b')), bytes);
  assert.equal(readdirSync(folder).toSorted(), ['a', 'a.rx', 'b']);

  writeFileSync(join(folder, 'cut'), readFileSync(join(folder, 'a.rx')).subarray(0, 50));
  const cut = await runScript('decompress.ts', ['cut', '--out', 'b', '--force'], folder);
  assert.is(cut.status, 2);
  assert.match(cut.stderr, /^decompress\.ts: .+: decompressor: the input is incomplete/);
  assert.equal(readFileSync(join(folder, 'b')), bytes);
  assert.equal(readdirSync(folder).toSorted(), ['a', 'a.rx', 'b', 'cut']);
});

test('an output that is there, such as the input itself, is overwritten only with --force; a link stays one', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'a'), 'abc');
  symlinkSync('target', join(folder, 'link'));
  const same = await runScript('compress.ts', ['a', '--out', 'a'], folder);
  assert.is(same.status, 2);
  assert.match(same.stderr, /--out a exists; --force overwrites it/);
  const folders = await runScript('compress.ts', ['a', '--out', '.'], folder); // which --force would not overwrite
  assert.match(folders.stderr, /--out \. cannot be written: it is a directory/);
  assert.is((await runScript('compress.ts', ['a', '--out', 'link'], folder)).status, 0);
  assert.ok(lstatSync(join(folder, 'link')).isSymbolicLink());
  assert.equal(readdirSync(folder).toSorted(), ['a', 'link', 'target']);
});

test('an interrupt leaves nothing', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'a'), 'a line of a log\n'.repeat(2_000_000));
  const child = spawn(process.execPath, [await bundledScript('compress.ts'), 'a', '--out', 'a.rx'], { cwd: folder });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  let before: string | undefined;
  for (;;) {
    const temporary = readdirSync(folder).find((name) => name.startsWith('.a.rx.tmp-'));
    if (temporary !== undefined && temporary === before) break; // one that is seen once may be a trial
    before = temporary;
    await setTimeout(20);
  }
  child.kill('SIGINT');
  assert.is(await new Promise((ended) => child.on('exit', ended)), 130);
  assert.match(said, /stopping; nothing is written/);
  assert.equal(readdirSync(folder), ['a']);
});

test('without a file both run on shipped data, which an earlier run compressed', async () => {
  const folder = emptyFolder();
  const { status, stdout } = await runScript('decompress.ts', ['--out', 'a'], folder);
  assert.equal([status, stdout.endsWith('bytes became 16966\n')], [0, true]);
  assert.equal(readFileSync(join(folder, 'a')), readFileSync(bundledFile('dinosaurs.csv')));
  const made = await runScript('compress.ts', ['--out', 'b'], folder);
  assert.is(made.status, 0);
  assert.equal(readFileSync(join(folder, 'b')), readFileSync(bundledFile('dinosaurs.rx')));
});

test.run();
