// Installs the packed package into an empty project, as a user would: `npm run package`. There a script trains and
// streams, by parts of ours and of its own, as JavaScript on Node 20, 22 and 24 and as TypeScript that TypeScript 6 and 7
// accept, declarations included; and so do every other entry point, every recipe, and the examples of the guides and of
// README, as pasted. The page of recipes/browser is compiled with the types for browsers. It needs the registry and is not
// a part of `npm test`.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { natsServer, natsServerPath } from '../jetstream/natsServer.js';
import { printsOf } from '../support/printsOf.js';
import { ENTRIES, EXPECTED } from './expected.js';
import { printsExpected } from './printsExpected.js';

/** A program that a user pastes into a file of its own, and what it prints. */
interface Pasted {
  readonly name: string;
  readonly text: string;
  readonly prints: string;
}

const project = fileURLToPath(new URL('../..', import.meta.url));
const { devDependencies: locked } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  devDependencies: Record<string, string>;
};
const textOf = (...path: string[]): string => readFileSync(join(project, ...path), 'utf8');
const program = textOf('test/package/program.txt');
const entries = textOf('test/package/entries.txt');
const readme = textOf('README.md');
const [, readmeCode, readmePrints] = /^```ts\n(.*?)^```\n\n```text\n(.*?)^```$/ms.exec(readme)!;
const RECIPES = 'pipelines/recipes';
const recipes = readdirSync(join(project, RECIPES))
  .filter((name) => name.endsWith('.ts')) // those of browser/ are compiled below, and run in test/browser
  .map((name) => pasted(name, textOf(RECIPES, name)));
const GUIDES = 'src/guides';
const guides = readdirSync(join(project, GUIDES)).flatMap((name) =>
  Array.from(textOf(GUIDES, name).matchAll(/^```ts\n(.*?)^```$/gms), ([, code], i) =>
    pasted(`guide-${name.replace('.md', '')}-${i + 1}.ts`, code!),
  ),
);
const programs: readonly Pasted[] = [
  ...recipes,
  ...guides,
  { name: 'README.ts', text: readmeCode!, prints: readmePrints! },
];
/** Packages that an entry point needs beside ours. */
const PEERS = ['jetstream', 'kv', 'obj', 'transport-node'].map((name) => `@nats-io/${name}`);
const VERSIONS = ['20', '22', '24'];
const COMPILERS = { 'TypeScript 6': 'typescript', 'TypeScript 7': '@typescript/native' } as const;

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-consumer-'));
for (let above = dirname(folder); above !== dirname(above); above = dirname(above)) {
  if (!existsSync(join(above, 'node_modules'))) continue;
  rmSync(folder, { recursive: true });
  throw new Error(`${above}/node_modules would be found by the consumer, too; set TMPDIR to a folder without one`);
}
const inFolder = (...path: string[]): string => join(folder, ...path);
let failed = 0;
let passed = 0;
const nats = natsServerPath === undefined ? undefined : await natsServer();
try {
  const tarball = run('npm', ['pack', '--silent', '--pack-destination', folder], project).trim().split('\n').at(-1)!;
  writeFileSync(inFolder('package.json'), '{ "type": "module", "private": true }');
  install(folder, `./${tarball}`, ...versionsOf('rxjs', '@types/node', 'fastify'));
  writeFileSync(inFolder('program.js'), program);
  for (const version of VERSIONS) check(`JavaScript, Node ${version}`, EXPECTED, () => onNode(version, 'program.js'));
  checkCommand();
  checkRecipes();

  writeFileSync(inFolder('jetstream.js'), `await import('rxrnn/jetstream').catch(({ code }) => console.log(code));\n`);
  check('rxrnn/jetstream without its peers', 'ERR_MODULE_NOT_FOUND\n', () => run(process.execPath, ['jetstream.js']));
  install(folder, ...versionsOf(...PEERS));
  const projects = writeProjects();
  for (const [name, from] of Object.entries(COMPILERS)) {
    const beside = inFolder(name.replace(' ', '-'));
    mkdirSync(beside);
    writeFileSync(join(beside, 'package.json'), '{ "private": true }');
    install(beside, `compiler@${locked[from]}`);
    const compiler = join(beside, 'node_modules/compiler/bin', name === 'TypeScript 6' ? 'tsc6' : 'tsc');
    for (const path of projects) check(`${name}, ${path}`, '', () => run(process.execPath, [compiler, '-p', path]));
    check(`${name}, a program`, EXPECTED, () => run(process.execPath, ['out/program.js']));
    check(`${name}, entry points`, ENTRIES, () => run(process.execPath, ['out/entries.js']));
    for (const { name: pasted, prints } of programs) {
      check(`${name}, ${pasted}`, prints, () => run(process.execPath, [join('out', pasted.replace('.ts', '.js'))]));
    }
  }
  const all = programs.map(({ name }) => `await import('./out/${name.replace('.ts', '.js')}');\n`);
  writeFileSync(inFolder('all.js'), all.join(''));
  const prints = programs.map((one) => one.prints).join('');
  for (const version of VERSIONS) {
    check(`recipes and guides, Node ${version}`, prints, () => onNode(version, 'all.js'));
    check(`entry points, Node ${version}`, ENTRIES, () => onNode(version, 'out/entries.js'));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  await nats?.remove();
}
console.log(`${passed} passed, ${failed} failed${nats ? '' : ', rxrnn/jetstream without a server'}`);
process.exitCode = failed > 0 ? 1 : 0;

function pasted(name: string, text: string): Pasted {
  return {
    name,
    text,
    prints: printsOf(text)
      .map((line) => `${line}\n`)
      .join(''),
  };
}

/** The command of the package, as a user starts it. */
function checkCommand(): void {
  const jobs = Array.from(run('npx', ['rxrnn']).matchAll(/^ {2}([\w-]+) {2,}[A-Z]/gm), ([, job]) => job!);
  check('npx rxrnn lists jobs', 'true', () => String(jobs.length > 10));
  for (const job of jobs) {
    check(
      `npx rxrnn ${job} --help`,
      `npx rxrnn ${job}`,
      () => /npx rxrnn [\w-]+/.exec(run('npx', ['rxrnn', job, '--help']))![0],
    );
  }
  for (const [, line] of readme.matchAll(/`[^`]*?(npx rxrnn [^`]*?)`/g)) {
    const job = /npx rxrnn ([\w-]+)/.exec(line!)?.[1];
    check(`README names a job: ${line}`, 'true', () => String(job === undefined || jobs.includes(job)));
  }
  check('npx rxrnn generate', '{"token":', () => run('npx', ['rxrnn', 'generate', '--json']).slice(0, 9));
  check('npx rxrnn charlm', '{"step":1', () =>
    run('npx', ['rxrnn', 'charlm', '--steps', '2', '--hidden', '4', '--json']).slice(0, 9),
  );
}

/** The recipes lie in the package, and one that is copied out of it runs as it is. */
function checkRecipes(): void {
  const packed = (name: string): string => readFileSync(inFolder('node_modules/rxrnn', RECIPES, name), 'utf8');
  for (const { name, text } of recipes) check(`${name} is packed`, text, () => packed(name));
  writeFileSync(inFolder('cell.ts'), packed('cell.ts'));
  check('a copied recipe, Node 24', recipes.find(({ name }) => name === 'cell.ts')!.prints, () =>
    onNode('24', 'cell.ts'),
  );
}

/** Writes the programs in TypeScript, and gives the projects by which they are compiled, strictly, declarations too. */
function writeProjects(): string[] {
  const options = { module: 'nodenext', target: 'es2023', strict: true, outDir: 'out', rootDir: '.' };
  const page = ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'];
  writeFileSync(inFolder('program.ts'), program.replaceAll(/steps\[0\]|steps\.at\(-1\)/g, '$&!'));
  writeFileSync(inFolder('entries.ts'), entries);
  for (const { name, text } of programs) writeFileSync(inFolder(name), text);
  cpSync(join(project, RECIPES, 'browser'), inFolder('browser'), { recursive: true });
  const made: Readonly<Record<string, object>> = {
    'bare.json': { ...options, lib: ['es2023', 'dom'], types: [] },
    'programs.json': { ...options, lib: ['es2023', 'dom'], types: ['node'] },
    'entries.json': { ...options, lib: ['es2023'], types: ['node'] }, // without the types of a page
    'page.json': {
      strict: true,
      noEmit: true,
      module: 'esnext',
      target: 'es2023',
      lib: page,
      types: [],
      moduleResolution: 'bundler',
      customConditions: ['browser'],
    },
  };
  const files: Readonly<Record<string, readonly string[]>> = {
    'bare.json': ['program.ts'],
    'programs.json': ['entries.ts', ...programs.map(({ name }) => name)],
    'entries.json': ['entries.ts'],
    'page.json': readdirSync(inFolder('browser')).flatMap((name) => (name.endsWith('.ts') ? [`browser/${name}`] : [])),
  };
  for (const [name, compilerOptions] of Object.entries(made)) {
    writeFileSync(inFolder(name), JSON.stringify({ compilerOptions, files: files[name] }));
  }
  return Object.keys(made);
}

/** Counts whether a program, run in one way, prints the expected text. */
function check(name: string, expected: string, written: () => string): void {
  if (printsExpected(name, expected, written)) passed += 1;
  else failed += 1;
}

/** Names packages with the versions that are locked here. */
function versionsOf(...names: readonly string[]): string[] {
  return names.map((name) => `${name}@${locked[name]}`);
}

function install(where: string, ...packages: readonly string[]): void {
  run('npm', ['install', '--no-audit', '--no-fund', ...packages], where);
}

/** Runs a program of the consumer's on a version of Node. */
function onNode(version: string, file: string): string {
  return run('npx', ['--yes', '-p', `node@${version}`, 'node', file]);
}

function run(command: string, args: readonly string[], cwd: string = folder): string {
  const env = { ...process.env, ...(nats && { NATS_URL: nats.url }) };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 600_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}
