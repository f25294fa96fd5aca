// The command `rxrnn`, compiled as it is published, in a folder laid out as the package and started from another.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from '../support/programOf.js';
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
  const { status, stderr } = run('surprise', '--nope');
  assert.is(status, 2);
  assert.match(stderr, /^rxrnn surprise: Unknown option '--nope'; --help lists the options\n$/);
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
