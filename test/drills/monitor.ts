import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { bundledScript } from '../pipelines/bundledScript.js';
import { draws } from './readEach.js';

const LINES_PER_ROTATION = 150;
const PATIENCE = 120_000; // milliseconds for the last lines to come

/** A line as the monitor prints it. */
interface Printed {
  readonly number: number;
  readonly line: string;
  readonly bits: number;
  readonly score: number;
  readonly template: number;
  readonly repeated?: boolean;
}

/**
 * Kills the monitor with SIGKILL at random, as often as runs, while it follows a file that grows and is rotated, and starts
 * it again with the same command line. Each line must come once and in order, with the numbers of a run that is not
 * killed; one that a kill between output and mark prints twice must say so.
 */
export async function monitor(runs: number, seed: number): Promise<Readonly<Record<string, number>>> {
  const draw = draws(seed);
  const folder = mkdtempSync(join(tmpdir(), 'rxrnn-monitor-'));
  const script = await bundledScript('surprise.ts');
  const log = join(folder, 'app.log');
  const all: string[] = [];
  const printed: Printed[] = [];
  let rotations = 0;
  const written = new AbortController();

  function add(): void {
    const line = `2026-01-02 03:04:${String(all.length % 60).padStart(2, '0')} ${lineOf(all.length, draw.below)}`;
    appendFileSync(log, `${line}\n`);
    all.push(line);
    if (all.length % LINES_PER_ROTATION !== 0 || printed.length === 0) return; // it must have seen the first file
    rotations += 1;
    renameSync(log, `${log}.${String(rotations).padStart(8, '0')}`);
  }
  async function write(): Promise<void> {
    while (!written.signal.aborted) {
      for (let i = draw.below(12); i > 0; i--) add();
      await setTimeout(draw.below(20));
    }
  }
  /** Runs the monitor until it is to be killed, or until all lines have come; adds what it printed. */
  async function run(life: number | undefined): Promise<void> {
    const args = [script, log, '--learn', '--json', '--follow', '--state', join(folder, 'state'), '--most-lag', '1e6'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const closed = once(child, 'close');
    let text = '';
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (errors += chunk));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (text + chunk).split('\n');
      text = lines.pop()!; // of a line that was not printed whole, nothing counts
      printed.push(...lines.map((line) => JSON.parse(line) as Printed));
    });
    if (life === undefined) {
      for (let waited = 0; (printed.at(-1)?.number ?? 0) < all.length && waited < PATIENCE && child.exitCode === null; waited += 20) await setTimeout(20); // prettier-ignore
      child.kill('SIGTERM');
    } else {
      if (draw.below(5) > 0) await Promise.race([once(child.stdout, 'data'), closed]); // else perhaps before it reads
      await Promise.race([setTimeout(life), closed]);
      child.kill('SIGKILL');
    }
    const [status] = (await closed) as [number | null];
    if (status !== null && (status !== 0 || life !== undefined)) throw new Error(`it ended with ${status}: ${errors}`);
  }
  try {
    const writer = write();
    for (let i = 0; i < runs; i++) await run(draw.below(400));
    written.abort();
    await writer;
    await run(undefined);
    const whole = join(folder, 'whole');
    writeFileSync(whole, all.map((line) => `${line}\n`).join(''));
    const unbroken = await unbrokenRun(script, whole);
    const repeated = compare(printed, unbroken, runs);
    return { kills: runs, lines: all.length, rotations, repeated };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function unbrokenRun(script: string, path: string): Promise<Printed[]> {
  const child = spawn(process.execPath, [script, path, '--learn', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
  await once(child, 'close');
  return text.trimEnd().split('\n').map((line) => JSON.parse(line) as Printed); // prettier-ignore
}

/** Throws at the first line that is lost, comes twice, or has other numbers; returns how many came twice and said so. */
function compare(printed: readonly Printed[], unbroken: readonly Printed[], kills: number): number {
  let last = 0;
  let twice = 0;
  for (const line of printed) {
    const again = line.repeated === true && line.number === last;
    if (again) twice += 1;
    else if (line.number !== last + 1) throw new Error(`after line ${last} came line ${line.number}`);
    last = line.number;
    const expected = unbroken[line.number - 1];
    if (!isDeepStrictEqual(numbersOf(line), numbersOf(expected))) {
      throw new Error(`line ${last} is ${JSON.stringify(line)}, without kills ${JSON.stringify(expected)}`);
    }
  }
  if (last !== unbroken.length) throw new Error(`${unbroken.length - last} lines did not come`);
  if (twice > kills) throw new Error(`${twice} lines came twice after ${kills} kills`);
  return twice;
}

function numbersOf(line: Printed | undefined): unknown {
  return line && [line.number, line.line, line.bits, line.score, line.template];
}

/** A line of a log with few templates, and now and then something new. */
function lineOf(number: number, below: (most: number) => number): string {
  const user = `user${below(40)}`;
  const kinds = [
    `INFO session ${number} opened for ${user}`,
    `INFO session ${number} closed after ${below(9000)} ms`,
    `DEBUG cache hit ${below(100)} % of ${below(5000)} keys`,
    `WARN slow query of ${user}: ${below(90)} s`,
  ];
  return below(97) === 0
    ? `ERROR unexpected ${Math.sin(number).toString(36).slice(2, 8)} in ${user}`
    : kinds[below(kinds.length)]!;
}
