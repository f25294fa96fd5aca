// Marble tests by real runs of vitest, node:test, jest and uvu: each runs one that passes and one that fails, and shows
// both diagrams of the latter. The others import the package's bundle, as their users do, from a folder without uvu.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** How a runner is started in the folder, what its test file imports, and how it counts. */
interface Runner {
  readonly head: string;
  readonly tail?: string;
  readonly flags?: readonly string[];
  readonly program: string;
  readonly args: readonly string[];
  readonly passed: RegExp;
  readonly failed: RegExp;
}

const RUNNERS: Readonly<Record<string, Runner>> = {
  'node:test': {
    head: `import { test } from 'node:test'; const own = marbles.with(test), table = cases.with(test);`,
    program: '',
    args: ['--test', 'own.test.mjs'],
    passed: /pass 2\b/,
    failed: /fail 1\b/,
  },
  vitest: {
    head: `import { test } from 'vitest'; const own = marbles.with(test), table = cases.with(test);`,
    program: 'vitest/vitest.mjs',
    args: ['run', '--pool=threads', '--maxWorkers=1'],
    passed: /2 passed/,
    failed: /1 failed/,
  },
  jest: {
    head: 'const own = marbles, table = cases;', // its test is a global
    flags: ['--experimental-vm-modules'],
    program: 'jest/bin/jest.js',
    args: ['--config', '{"testMatch":["**/own.test.mjs"],"transform":{},"watchman":false}', '--runInBand'],
    passed: /2 passed/,
    failed: /1 failed/,
  },
  uvu: {
    head: `import { test } from 'uvu'; const own = marbles, table = cases;`,
    tail: 'test.run();',
    program: 'uvu/bin.js',
    args: ['.', 'own.test.mjs'],
    passed: /Passed:\s+2/,
    failed: /Total:\s+3/,
  },
};

const TESTS = `
  own('holds', ({ cold, expectObservable }) => expectObservable(cold('-a|')).toBe('-a|'));
  own('differs', ({ cold, expectObservable }) => expectObservable(cold('-a|')).toBe('--a|'));
  table('cases', { one: '-a|' }, ({ cold, expectObservable }, row) => expectObservable(cold(row)).toBe('-a|'));`;

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-runners-'));
symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
await build({
  entryPoints: [join(ROOT, 'src/marbles.ts')],
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  outfile: join(folder, 'marbles.mjs'),
  logLevel: 'silent',
});

for (const [name, { head, tail = '', flags = [], program, args, passed, failed }] of Object.entries(RUNNERS)) {
  test(`under ${name} a test passes, one fails and shows both diagrams`, () => {
    const own = join(folder, name.replaceAll(/\W/g, '-'));
    mkdirSync(own);
    writeFileSync(join(own, 'package.json'), '{ "type": "module" }');
    writeFileSync(
      join(own, 'own.test.mjs'),
      `import { cases, marbles } from '../marbles.mjs';\n${head}\n${TESTS}\n${tail}`,
    );
    const bin = program === '' ? [] : [join(ROOT, 'node_modules', program)];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, ...bin, ...args], {
      cwd: own,
      encoding: 'utf8',
      env: { ...without('NODE_TEST_CONTEXT', 'FORCE_COLOR'), NO_COLOR: '1', CI: '1' },
      timeout: 120_000,
    });
    const said = stdout + stderr;
    assert.is(status, 1, said);
    assert.match(said, passed);
    assert.match(said, failed);
    assert.match(said, /Expected: --a\|\s+Actual: {3}-a\|/);
    assert.match(said, 'the diagrams differ (expectation 1 of this test)');
  });
}

test('without uvu and without a global test, marbles is an error, and marbles.with works', async () => {
  const alone = mkdtempSync(join(folder, 'alone-'));
  await build({
    entryPoints: [join(ROOT, 'src/marbles.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outfile: join(alone, 'marbles.mjs'),
    logLevel: 'silent',
    plugins: [
      {
        name: 'no uvu',
        setup: ({ onResolve }) => onResolve({ filter: /^uvu$/ }, () => ({ path: 'uvu-is-not-here', external: true })),
      },
    ],
  });
  writeFileSync(
    join(alone, 'file.mjs'),
    `import { marbles } from './marbles.mjs';
     marbles.with((name, run) => { run(); console.log(name); })('with', () => {});
     marbles('alone', () => {});`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, ['file.mjs'], {
    cwd: alone,
    encoding: 'utf8',
    env: without('NODE_TEST_CONTEXT'),
  });
  assert.is(status, 1);
  assert.is(stdout, 'with\n');
  assert.match(
    stderr,
    'marbles: "alone" would not run: there is no global it or test, and uvu is not installed; write',
  );
});

test.run();

function without(...names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.includes(name)));
}
