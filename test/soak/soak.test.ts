import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { slope } from './slope.js';

const script = fileURLToPath(new URL('soak.ts', import.meta.url));

test('the slope is that of a line, with symmetric noise around it', () => {
  assert.is(slope([0, 1, 2, 3].map((x) => [x, 5 - 2 * x])), -2);
  assert.is(
    slope([
      [0, 1],
      [0, 3],
      [2, 4],
      [2, 6],
    ]),
    1.5,
  );
});

for (const flags of [[], ['--learn']]) {
  test(`a short run${flags.join('')}: characters pass while timers fire`, async () => {
    const lines = await soak('--minutes', '0.02', '--every', '0.2', '--json', ...flags);
    const [total, ...marks] = lines.map((line) => JSON.parse(line) as Record<string, number>).toReversed();
    assert.ok(marks.length >= 2, `${marks.length} marks`);
    assert.ok(total!['characters']! > 1000, `${total!['characters']} characters`);
    assert.ok(marks.every((mark) => mark['rss']! > mark['heap']! && mark['heap']! > 0));
    assert.is(total!['handles'], 0);
  });
}

test.run();

function soak(...flags: string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      ['--expose-gc', '--import', 'tsx', script, ...flags],
      (error, stdout, stderr) => {
        // 1 means that memory grew, as it does in the first second.
        if (child.exitCode === 0 || child.exitCode === 1) resolve(stdout.trim().split('\n'));
        else reject(new Error(stderr, { cause: error }));
      },
    );
  });
}
