// The packed package on every engine that npm brings into a temporary folder: `npm run engines [-- node@22 deno bun]`. On
// each a program trains, saves and generates, every entry point does a job, the command of the package generates, and runs
// of each cell have the digests that Node gives. It needs the registry and is not a part of `npm test`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transformSync } from 'esbuild';
import { ENTRIES, EXPECTED } from './expected.js';
import { printsExpected } from './printsExpected.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const textOf = (path: string): string => readFileSync(join(project, path), 'utf8');
const { devDependencies: locked } = JSON.parse(textOf('package.json')) as { devDependencies: Record<string, string> };
const given = process.argv.slice(2);
const engines = given.length > 0 ? given : ['node@20', 'node@22', 'node@24', 'node@26', 'deno', 'bun'];
const digests = `${JSON.stringify(JSON.parse(textOf('test/digest/digests.json')))}\n`;

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-engines-'));
let failed = 0;
try {
  const tarball = run('npm', ['pack', '--silent', '--pack-destination', folder], project).trim().split('\n').at(-1)!;
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  const peers = ['jetstream', 'kv', 'obj', 'transport-node'].map((name) => `@nats-io/${name}`);
  const packages = ['rxjs', ...peers].map((name) => `${name}@${locked[name]}`);
  run('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`, ...packages]);
  writeFileSync(join(folder, 'program.js'), textOf('test/package/program.txt'));
  writeFileSync(
    join(folder, 'entries.js'),
    transformSync(textOf('test/package/entries.txt'), { loader: 'ts', target: 'es2023' }).code,
  );
  await build({
    stdin: {
      contents: `import { digestOfOperators, runs } from './runs.js';
console.log(JSON.stringify(Object.fromEntries(runs.map(([name, cell, dtype]) => [name, digestOfOperators(cell, dtype)]))));`,
      resolveDir: join(project, 'test/digest'),
      loader: 'ts',
    },
    outfile: join(folder, 'digests.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    packages: 'external',
  });
  for (const engine of engines) checkEngine(engine);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(failed === 0 ? `${engines.length} engines agree` : `${failed} checks failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** Brings an engine, a package of npm with or without a version, and runs everything on it. */
function checkEngine(engine: string): void {
  const own = join(folder, engine);
  mkdirSync(own);
  writeFileSync(join(own, 'package.json'), '{ "private": true }');
  const [name] = engine.split('@');
  try {
    run('npm', ['install', '--no-audit', '--no-fund', engine], own);
  } catch (error) {
    failed += 1;
    return console.log(`FAIL ${engine} could not be installed: ${String(error)}`);
  }
  const binary = join(own, 'node_modules/.bin', name!);
  const started = name === 'deno' ? ['run', '-A'] : [];
  const version = run(binary, ['--version']).trim().split('\n')[0]!;
  const on = (file: string, ...args: string[]): string => run(binary, [...started, file, ...args]);
  check(`${engine} (${version}): a program`, EXPECTED, () => on('program.js'));
  check(`${engine}: entry points`, ENTRIES, () => on('entries.js'));
  check(`${engine}: digests`, digests, () => on('digests.js'));
  const command = 'node_modules/rxrnn/dist/command/rxrnn.js';
  check(`${engine}: rxrnn generate`, '{"token":', () => on(command, 'generate', '--json').slice(0, 9));
}

/** Counts whether a program, run in one way, prints the expected text. */
function check(name: string, expected: string, written: () => string): void {
  if (!printsExpected(name, expected, written)) failed += 1;
}

function run(program: string, args: readonly string[], cwd: string = folder): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 600_000 });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error ? String(error) : ''}${stdout}${stderr}`);
  return stdout;
}
