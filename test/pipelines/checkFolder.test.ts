// Folders that cannot be made are refused at once: in /proc a recursive mkdir of Node never returns.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkFolder } from '../../pipelines/cli/checkFolder.js';
import { assertRefused, emptyFolder } from './runScript.js';

const inProc = existsSync('/proc/self') ? test : test.skip;

for (const [script, option, ...more] of [
  ['studio.ts', '--tab'],
  ['studio.ts', '--checkpoint', '--steps', '1'],
  ['charlm.ts', '--checkpoint', '--steps', '1'],
] as const) {
  inProc(`${script} ${option}`, () =>
    assertRefused(
      script,
      [option, '/proc/none/x', ...more],
      new RegExp(`${option} /proc/none/x cannot be made: nothing can be written in the folder /proc`),
    ),
  );
}

test('a folder that is there, and one whose parents are to be made, pass', () => {
  const folder = emptyFolder();
  checkFolder(folder, '--tab');
  checkFolder(join(folder, 'a', 'b'), '--tab');
  assert.not.ok(existsSync(join(folder, 'a')));
});

test.run();
