// Installs the packed package into an empty project, as a user would: `npm run package`. There a script trains and
// streams, by parts of ours and of its own, as JavaScript on Node 20, 22 and 24 and as TypeScript that TypeScript 6 and 7
// accept, declarations included; and so does every recipe. It needs the registry and is not a part of `npm test`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printsOf } from '../support/printsOf.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const { devDependencies: locked } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  devDependencies: Record<string, string>;
};
const program = readFileSync(new URL('program.txt', import.meta.url), 'utf8');
const EXPECTED = 'true true  world. hell\ntrue signDescent true\n';
const RECIPES = join(project, 'pipelines/recipes');
const recipes = readdirSync(RECIPES).map((name) => ({ name, text: readFileSync(join(RECIPES, name), 'utf8') }));
const VERSIONS = ['20', '22', '24'];
const COMPILERS = { 'TypeScript 6': 'typescript', 'TypeScript 7': '@typescript/native' } as const;

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-consumer-'));
let failed = 0;
try {
  const tarball = run('npm', ['pack', '--silent', '--pack-destination', folder], project).trim().split('\n').at(-1)!;
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  const packages = [`rxjs@${locked['rxjs']}`, `@types/node@${locked['@types/node']}`];
  run('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`, ...packages]);
  writeFileSync(join(folder, 'program.js'), program);
  for (const version of VERSIONS) check(`JavaScript, Node ${version}`, EXPECTED, () => onNode(version, 'program.js'));
  const typed = program.replaceAll(/steps\[0\]|steps\.at\(-1\)/g, '$&!');
  writeFileSync(join(folder, 'program.ts'), typed);
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'dom'],
    strict: true,
    types: [],
    outDir: 'out',
  };
  mkdirSync(join(folder, 'recipes'));
  for (const { name, text } of recipes) writeFileSync(join(folder, 'recipes', name), text);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  writeFileSync(
    join(folder, 'recipes/tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, types: ['node'], outDir: '../out/recipes' } }),
  );
  for (const [name, from] of Object.entries(COMPILERS)) {
    check(name, EXPECTED, () => {
      const beside = join(folder, name.replace(' ', '-'));
      mkdirSync(beside);
      writeFileSync(join(beside, 'package.json'), '{ "private": true }');
      run('npm', ['install', '--no-audit', '--no-fund', `compiler@${locked[from]}`], beside);
      const compiler = join(beside, 'node_modules/compiler/bin', name === 'TypeScript 6' ? 'tsc6' : 'tsc');
      for (const project of [folder, join(folder, 'recipes')]) run(process.execPath, [compiler, '-p', project]);
      return run(process.execPath, ['out/program.js']);
    });
    for (const { name: recipe, text } of recipes) {
      check(`${name}, recipes/${recipe}`, `${printsOf(text).join('\n')}\n`, () =>
        run(process.execPath, [join('out/recipes', recipe.replace('.ts', '.js'))]),
      );
    }
  }
  for (const version of VERSIONS) {
    const all = recipes.map(({ name }) => `await import('./out/recipes/${name.replace('.ts', '.js')}');\n`);
    writeFileSync(join(folder, 'recipes.js'), all.join(''));
    const expected = recipes.flatMap(({ text }) => printsOf(text)).join('\n');
    check(`recipes, Node ${version}`, `${expected}\n`, () => onNode(version, 'recipes.js'));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;

/** Whether the program, run in one way, prints the expected text. */
function check(name: string, expected: string, written: () => string): void {
  let result: string;
  try {
    result = written();
  } catch (error) {
    result = String(error);
  }
  if (result !== expected) failed += 1;
  console.log(result === expected ? ` ok  ${name}` : `FAIL ${name}: ${result}`);
}

/** Runs a program of the consumer's on a version of Node. */
function onNode(version: string, file: string): string {
  return run('npx', ['--yes', '-p', `node@${version}`, 'node', file]);
}

function run(command: string, args: readonly string[], cwd: string = folder): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}
