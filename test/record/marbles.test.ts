import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interval, map, scan } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles } from '../../src/record/marbles.js';

marbles('runs in virtual time', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold(' -a-b-|', { a: 1, b: 2 });
  const subs = '        ^----!';
  const expected = '    -x-y-|';
  expectObservable(source.pipe(scan((sum, n) => sum + n))).toBe(expected, { x: 1, y: 3 });
  expectSubscriptions(source.subscriptions).toBe(subs);
});

marbles('an hour passes at once', ({ expectObservable }) => {
  expectObservable(interval(3_600_000).pipe(map(String)), '121m !').toBe('60m a 3599999ms b', { a: '0', b: '1' });
});

test('a failure is counted by uvu and prints the diagrams; an asynchronous body is refused', () => {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const folder = mkdtempSync(join(here, 'marbles-'));
  try {
    const file = join(folder, 'fails.ts');
    writeFileSync(
      file,
      `import { test } from 'uvu';
       import { marbles } from '../../../src/record/marbles.js';
       marbles('holds', ({ cold, expectObservable }) => expectObservable(cold('-a|')).toBe('-a|'));
       marbles('differs', ({ cold, expectObservable }) => {
         expectObservable(cold('-a|')).toBe('-a|');
         expectObservable(cold('-a|', { a: 2 })).toBe('--a|', { a: 1 });
       });
       marbles('waits', (async () => {}) as never);
       test.run();`,
    );
    const { stdout, status } = spawnSync(process.execPath, ['--import', 'tsx', file], { encoding: 'utf8' });
    assert.is(status, 1);
    assert.match(stdout, /Total:\s+3\s+Passed:\s+1/);
    assert.match(stdout, 'the diagrams differ (expectation 2 of this test)');
    assert.match(stdout, /Expected: --a\|\s+Actual: {3}-b\|\s+a := 1\s+b := 2/);
    assert.match(stdout, 'marbles: "waits" must run synchronously, got a promise');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
