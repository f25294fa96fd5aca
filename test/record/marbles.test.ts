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

const HERE = fileURLToPath(new URL('.', import.meta.url));
const MARBLES = `import { marbles } from '../../../src/record/marbles.js';`;
/** Two marble tests, the second of which fails. */
const BODIES = `
  marbles('holds', ({ cold, expectObservable }) => expectObservable(cold('-a|')).toBe('-a|'));
  marbles('differs', ({ cold, expectObservable }) => expectObservable(cold('-a|')).toBe('--a|'));`;

/** Runs a test file, by Node or with its flags; without the variables of the runner of this file. */
function runFile(source: string, flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(HERE, 'marbles-'));
  try {
    const file = join(folder, 'other.test.ts');
    writeFileSync(file, source);
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_TEST_CONTEXT'));
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', ...flags, file], {
      encoding: 'utf8',
      env: { ...clean, ...env },
    });
    return { status, said: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('marbles.with(test) of node:test: one passes, one fails with both diagrams', () => {
  const source = `import { test } from 'node:test';
    ${MARBLES.replace('marbles }', 'marbles as uvus }')}
    const marbles = uvus.with(test);
    ${BODIES}`;
  for (const flags of [['--test'], []]) {
    const { status, said } = runFile(source, flags);
    assert.is(status, 1, said);
    assert.match(said, /pass 1\b/);
    assert.match(said, /fail 1\b/);
    assert.match(said, /Expected: --a\|\s+Actual: {3}-a\|/);
  }
});

test('a global it or test is used, it first', () => {
  const { status, said } = runFile(
    `globalThis.test = (name) => console.log('test ' + name);
     ${MARBLES.replace('import {', 'const {').replace('from ', '= await import(').replace(';', ');')}
     marbles('one', () => {});
     globalThis.it = (name, run) => { console.log('it ' + name); run(); };
     marbles('two', ({ cold, expectObservable }) => expectObservable(cold('-a|')).toBe('--a|'));`,
  );
  assert.is(status, 1);
  assert.match(said, /^test one\nit two\n/);
  assert.match(said, /Expected: --a\|\s+Actual: {3}-a\|/);
});

test('under a runner that would not run it, marbles is an error', () => {
  const { status, said } = runFile(`${MARBLES}${BODIES}`, ['--test']);
  assert.is(status, 1, said);
  assert.match(said, 'marbles: "holds" would not run');
  assert.match(said, 'marbles.with(test)(name, body), with the test of node:test');
  for (const [name, value, runner] of [
    ['VITEST', 'true', 'vitest'],
    ['JEST_WORKER_ID', '1', '@jest/globals'],
  ] as const) {
    const { status, said } = runFile(`${MARBLES}${BODIES}`, [], { [name]: value });
    assert.is(status, 1, said);
    assert.match(said, `another runner than uvu (${name} is set)`);
    assert.match(said, `with the test of ${runner}`);
  }
});

test('a file that forgets test.run(), or that node:test runs without a flag, fails', () => {
  for (const runner of ['uvu', 'node:test']) {
    const { status, said } = runFile(`import { test } from '${runner}'; ${MARBLES}${BODIES}`);
    assert.is(status, 1, said);
    assert.match(said, 'marbles: no test ran; call test.run() of uvu');
  }
});

test('marbles.with refuses what is not a function', () => {
  assert.throws(
    () => marbles.with('it' as never),
    (error: Error) => error.message.includes('marbles.with: register must be a function, got "it"'),
  );
});

test('a failure is counted by uvu and prints the diagrams; an asynchronous body is refused', () => {
  const { status, said } = runFile(
    `import { test } from 'uvu';
       ${MARBLES}
       marbles('holds', ({ cold, expectObservable }) => expectObservable(cold('-a|')).toBe('-a|'));
       marbles('differs', ({ cold, expectObservable }) => {
         expectObservable(cold('-a|')).toBe('-a|');
         expectObservable(cold('-a|', { a: 2 })).toBe('--a|', { a: 1 });
       });
       marbles('waits', (async () => {}) as never);
       test.run();`,
  );
  assert.is(status, 1);
  assert.match(said, /Total:\s+3\s+Passed:\s+1/);
  assert.match(said, 'the diagrams differ (expectation 2 of this test)');
  assert.match(said, /Expected: --a\|\s+Actual: {3}-b\|\s+a := 1\s+b := 2/);
  assert.match(said, 'marbles: "waits" must run synchronously, got a promise');
});

test.run();
