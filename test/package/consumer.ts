// Installs the packed package into an empty project, as a user would: `npm run package`. There a script trains and
// streams, by parts of ours and of its own, as JavaScript on Node 20, 22 and 24 and as TypeScript that TypeScript 6 and 7
// accept, declarations included. It needs the registry and is not a part of `npm test`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));
const { devDependencies: locked } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  devDependencies: Record<string, string>;
};
const program = readFileSync(new URL('program.txt', import.meta.url), 'utf8');
const EXPECTED = 'true true  world. hell\ntrue signDescent true\n';
const COMPILERS = { 'TypeScript 6': 'typescript', 'TypeScript 7': '@typescript/native' } as const;

const folder = mkdtempSync(join(tmpdir(), 'rxrnn-consumer-'));
let failed = 0;
try {
  const tarball = run('npm', ['pack', '--silent', '--pack-destination', folder], project).trim().split('\n').at(-1)!;
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  run('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`, `rxjs@${locked['rxjs']}`]);
  writeFileSync(join(folder, 'program.js'), program);
  for (const version of ['20', '22', '24']) {
    check(`JavaScript, Node ${version}`, () => run('npx', ['--yes', '-p', `node@${version}`, 'node', 'program.js']));
  }
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
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  for (const [name, from] of Object.entries(COMPILERS)) {
    check(name, () => {
      const beside = join(folder, name.replace(' ', '-'));
      mkdirSync(beside);
      writeFileSync(join(beside, 'package.json'), '{ "private": true }');
      run('npm', ['install', '--no-audit', '--no-fund', `compiler@${locked[from]}`], beside);
      run(process.execPath, [
        join(beside, 'node_modules/compiler/bin', name === 'TypeScript 6' ? 'tsc6' : 'tsc'),
        '-p',
        folder,
      ]);
      return run(process.execPath, ['out/program.js']);
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;

/** Whether the program, run in one way, prints the expected text. */
function check(name: string, written: () => string): void {
  let result: string;
  try {
    result = written();
  } catch (error) {
    result = String(error);
  }
  if (result !== EXPECTED) failed += 1;
  console.log(result === EXPECTED ? ` ok  ${name}` : `FAIL ${name}: ${result}`);
}

function run(command: string, args: readonly string[], cwd: string = folder): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}
