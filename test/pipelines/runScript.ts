import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { bundledScript } from './bundledScript.js';

/** What a script printed, and its exit status. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a pipeline as a user does, in an empty folder. */
export async function runScript(script: string, args: readonly string[], folder: string = emptyFolder()): Promise<Ran> {
  return collect(process.execPath, [await bundledScript(script), ...args], folder);
}

/** Runs a line of shell in which `$SCRIPT` starts a pipeline; the status is that of the first command of a pipe. */
export async function runShell(script: string, line: string): Promise<Ran> {
  const start = `SCRIPT="${process.execPath} ${await bundledScript(script)}"`;
  return collect('bash', ['-c', `${start}; ${line}; exit \${PIPESTATUS[0]}`], emptyFolder());
}

/** Before `$SCRIPT` in a line of shell, with a variable `FULL_DISK`: files that cannot be written, as `fullDisk.mjs` says. */
export const FULL_DISK: string = `NODE_OPTIONS='--import ${new URL('fullDisk.mjs', import.meta.url).href}'`;

/** Makes an empty folder. */
export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'rxrnn-'));
}

/** Asserts that a mistake is answered with one line on stderr and exit status 2, and that nothing else is written. */
export async function assertRefused(script: string, args: readonly string[], message: RegExp): Promise<void> {
  const folder = emptyFolder();
  const { status, stdout, stderr } = await runScript(script, args, folder);
  assert.match(stderr, message);
  assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
  assert.is(status, 2);
  assert.is(stdout, '');
  assert.equal(readdirSync(folder), []);
}

function collect(command: string, args: readonly string[], cwd: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (stderr += chunk));
    child.on('error', reject).on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
