// The command `rxrnn`, compiled as it is published, in a folder laid out as the package and started from another.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from '../support/programOf.js';
import { packedFiles } from '../support/packedFiles.js';
import { emptyFolder, runScript } from './runScript.js';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
const jobs = readdirSync(join(ROOT, 'pipelines'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replace('.ts', ''));

const installed = emptyFolder();
const command = join(installed, 'node_modules/rxrnn/dist/command/rxrnn.js');

test.before(() => {
  const folder = join(installed, 'node_modules/rxrnn');
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'data'), join(folder, 'data'), 'junction');
  execFileSync(process.execPath, [join(ROOT, '.config/buildCommand.mjs'), join(folder, 'dist/command')]);
});
test.after(() => rmSync(installed, { recursive: true }));

test('alone it lists every script of pipelines/ with what it does, one line each', () => {
  for (const args of [[], ['-h']]) {
    const { status, stdout, stderr } = run(...args);
    assert.equal([status, stderr], [0, '']);
    const listed = [...stdout.matchAll(/^ {2}([\w-]+) {2,}([A-Z].*)$/gm)];
    assert.equal(
      listed.map(([, name]) => name),
      jobs,
    );
    for (const [line] of listed) assert.ok(line.length <= 110, line);
  }
});

test('it says its version', () => assert.equal(run('--version').stdout, `${version}\n`));

test('a job that is none is one line and exit status 2', () => {
  for (const name of ['toString', '\u001B[2J']) {
    const { status, stdout, stderr } = run(name);
    assert.equal([status, stdout], [2, '']);
    assert.match(stderr, /^rxrnn: no job [^\n]+; there are binary-addition, [^\n]+\n$/);
    assert.not.ok(stderr.includes('\u001B'));
  }
});

test('a job that is misspelt is answered with the nearest one', () => {
  for (const [typed, meant] of [
    ['genrate', 'generate'],
    ['names.', 'names'],
    ['Surprise', 'surprise'],
  ] as const) {
    const { status, stdout, stderr } = run(typed);
    assert.equal([status, stdout, stderr], [2, '', `rxrnn: no job ${typed}; did you mean ${meant}?\n`]);
  }
});

test('help lists the jobs, and help JOB the options of a job', () => {
  assert.is(run('help').stdout, run().stdout);
  assert.is(run('help', 'generate').stdout, run('generate', '--help').stdout);
  assert.match(run('help', 'genrate').stderr, /^rxrnn: no job genrate; did you mean generate\?\n$/);
});

for (const [path, commands] of commandsOf()) {
  test(`${path}: each command that it names is a job, with options that the job has`, () => {
    for (const command of commands) {
      const words = command.match(/'[^']*'|"[^"]*"|\S+/g)!.map((word) => word.replaceAll(/^['"]|['"]$/g, ''));
      const { status, stderr } = run(...words, '--help');
      assert.equal([status, stderr], [0, ''], command);
    }
  });
}

test('a job does what its script does, with the data and models of the package', async () => {
  const args = ['--max-tokens', '30', '--prompt', 'Call me', '--json'];
  const { status, stdout, stderr } = run('generate', ...args);
  assert.equal([status, stderr], [0, '']);
  assert.is(stdout, (await runScript('generate.ts', args)).stdout);
});

test('the client of NATS is in it: a server that is not there is said to be', () => {
  const { status, stderr } = run('scores', '--bus', 'nats://127.0.0.1:1', '--until-idle', '1');
  assert.match(stderr, /^rxrnn scores: .*nats:\/\/127\.0\.0\.1:1 .*cannot be reached.*\n$/);
  assert.is(status, 2);
});

test('its help and its mistakes say how it was started', () => {
  assert.match(run('surprise', '-h').stdout, /\n {2}npx rxrnn surprise \[FILE\] \[options\]\n/);
  const { status, stderr } = run('surprise', '--lern');
  assert.is(status, 2);
  assert.match(stderr, /^rxrnn surprise: Unknown option '--lern'; did you mean --learn\?\n$/);
});

test('charlm learns from the text that comes with the package', () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'old'), '');
  const { status, stdout, stderr } = runIn(folder, 'charlm', '--steps', '2', '--hidden', '4', '--json');
  assert.equal([status, stderr], [0, '']);
  assert.match(stdout, /^\{"step":1,/);
  assert.equal(readdirSync(folder), ['charlm.safetensors', 'old']);
});

test.run();

/** The commands in the documents of the package, without `npx rxrnn` and what follows it in the line of shell. */
function commandsOf(): [path: string, commands: string[]][] {
  const documents = packedFiles().filter((path) => path.endsWith('.md'));
  const found = documents.map((path): [string, string[]] => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const commands = Array.from(
      text.matchAll(/npx rxrnn ([a-z][^`\n]*)/g),
      ([, line]) => line!.split(/ +(?:#|\||&|>|<|2>)|;/)[0]!,
    );
    return [path, commands];
  });
  assert.ok(found.flatMap(([, commands]) => commands).length > 20);
  return found.filter(([, commands]) => commands.length > 0);
}

function run(...args: readonly string[]): Ran {
  return runIn(emptyFolder(), ...args);
}

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runIn(cwd: string, ...args: readonly string[]): Ran {
  return spawnSync(process.execPath, [command, ...args], { cwd, encoding: 'utf8' });
}
