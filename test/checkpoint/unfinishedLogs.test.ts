import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unfinishedLogs } from '../../src/checkpoint/unfinishedLogs.js';

const dead = Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
const folder = mkdtempSync(join(tmpdir(), 'unfinished-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text = 'rxrnn log 1'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('what a dead process has left of a log is found, and nothing else', () => {
  const left = write(`run.log.tmp-${dead}-1`);
  write(`run.log.tmp-${dead}-2`, ''); // nothing came
  write(`run.log.tmp-${process.ppid}-3`); // its writer lives
  write(`run.log.tmp-${process.pid}-4`); // our own
  write(`other.log.tmp-${dead}-5`);
  write(`run.log.tmp-${dead}-6.old`);
  write('run.log');
  assert.equal(unfinishedLogs(join(folder, 'run.log')), [left]);
});

test('also where the name is longer than what temporary names have of it', () => {
  const name = `${'n'.repeat(60)}.log`;
  const left = write(`${name.slice(0, 48)}.tmp-${dead}-7`);
  assert.equal(unfinishedLogs(join(folder, name)), [left]);
});

test('a path that is not a text, and a folder that is not there, are errors', () => {
  assert.throws(() => unfinishedLogs(7 as never), /^unfinishedLogs: path must be a string, got 7/);
  assert.throws(() => unfinishedLogs(join(folder, 'none', 'run.log')), /ENOENT/);
});

test.run();
