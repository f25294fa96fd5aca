import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const SCRIPT = fileURLToPath(new URL('memory.ts', import.meta.url));

if (existsSync('/proc/self/status')) {
  for (const [leg, count] of [
    ['encode', 60],
    ['subscribe', 60],
    ['dispose', 200],
    ['drop', 20],
    ['one', 1],
  ] as const) {
    test(`${leg}: memory and threads stay within bounds`, async () => {
      const [status, stdout, stderr] = await run('--leg', leg, '--count', String(count), '--json');
      assert.is(stderr, '');
      const figures = JSON.parse(stdout) as { times: number; peak: number; threads: [number, number]; holds: boolean };
      const { times, peak, threads, holds } = figures;
      assert.is(times, count);
      assert.ok(peak > 20 && peak < 200, `${peak} MiB`);
      assert.ok(threads[1] <= threads[0], `${threads.join()} threads`);
      assert.is(status, holds ? 0 : 1); // so few times need not have levelled off
    });
  }
}

test('mistakes are one line on stderr and status 2', async () => {
  const [status, stdout, stderr] = await run('--leg', 'x');
  assert.equal([status, stdout], [2, '']);
  assert.match(stderr, /^memory\.ts: --leg must be score or .*, got x\n$/);
});

test.run();

function run(...flags: string[]): Promise<[status: number, stdout: string, stderr: string]> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--import', 'tsx', SCRIPT, ...flags], (_error, stdout, stderr) => {
      resolve([child.exitCode ?? 1, stdout, stderr]);
    });
  });
}
