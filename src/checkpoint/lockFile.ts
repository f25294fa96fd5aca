import { randomInt } from 'node:crypto';
import {
  closeSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { visible } from '../check/visible.js';
import { lives } from './lives.js';
import { openRegularFile } from './openRegularFile.js';
import { sweepTarget } from './sweepTarget.js';
import { newTemporaryName, temporaryName } from './temporaryName.js';

/** Attempts to take a lock before giving up; each that fails means that another process was faster. */
const TRIES = 10;

/** Milliseconds that a process has to write its number into a lock that it has made. */
const GRACE = 10_000;

/**
 * Takes what is called `name` for this run alone, by a lock at a path, and returns the function that gives it back.
 *
 * The lock is a file, opened exclusively, with the number of the process and, where the system tells it, the time at
 * which that process started. A lock is stale, and taken over, where no process of its number lives, where that process
 * started at another time, or where it is older than this process and has its number: containers use the same numbers
 * again and again. Processes of another machine cannot be seen, so it is for one machine. An Error that names the holder
 * where it is taken; one that names the path where something that is not a file has its place: it is left there, and is
 * not read.
 */
export function lockFile(path: string, name: string): () => void {
  const own = `${process.pid} ${startOf(process.pid)} ${randomInt(2 ** 47)}\n`;
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      create(path, own);
      return () => release(path, own);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(path);
    if (holder === undefined) continue; // given back just now
    if (!holder.isFile) throw new Error(`${visible(path)} must be a file, the lock of a run; remove what is there`);
    if (holder.lives) throw new Error(refusal(name, holder));
    removeStale(path, holder.text);
  }
  throw new Error(`${visible(name)} is being taken by another run`);
}

/** Makes a lock, or none: one that was not written is nobody's. */
function create(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o666);
  try {
    writeFileSync(file, text);
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
}

interface Holder {
  readonly isFile: boolean;
  readonly text: string;
  readonly pid: number;
  readonly since: Date;
  readonly lives: boolean;
}

function holderOf(path: string): Holder | undefined {
  try {
    const found = lstatSync(path);
    const text = textOf(path, found);
    const [, digits, start] = /^(\d{1,10}) (\d*) \d+\n$/.exec(text) ?? [];
    const pid = Number(digits ?? NaN);
    const age = performance.timeOrigin + performance.now() - found.mtimeMs;
    const alive = digits === undefined ? age < GRACE : holds(pid, start!, found.mtimeMs);
    return { isFile: found.isFile(), text, pid, since: found.mtime, lives: alive };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The longest lock that is read, in bytes; those of `lockFile` have fewer. */
const LONGEST = 200;

/** Reads a lock; what is longer, and what is not a file, has no text: it might have no end. */
function textOf(path: string, found: Stats): string {
  if (!found.isFile() || found.size >= LONGEST) return '';
  const { descriptor, size } = openRegularFile(path);
  try {
    return size < LONGEST ? readFileSync(descriptor, 'utf8') : '';
  } finally {
    closeSync(descriptor);
  }
}

/** Tells whether the process that wrote a lock still lives. */
function holds(pid: number, start: string, written: number): boolean {
  if (!lives(pid)) return false;
  const now = startOf(pid);
  if (start !== '' && now !== '') return start === now;
  return pid !== process.pid || written >= performance.timeOrigin;
}

/** The time at which a process started, in ticks since the machine did; empty where the system does not tell. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')')).split(' ')[20] ?? ''; // the name before may hold blanks
  } catch {
    return '';
  }
}

/** Removes a lock that was found to be stale, unless another process has taken it over meanwhile. */
function removeStale(path: string, text: string): void {
  sweepTarget(path); // what a process that was killed here has left
  const aside = join(dirname(path), newTemporaryName(temporaryName(basename(path), true)));
  try {
    renameSync(path, aside);
    try {
      if (textOf(aside, lstatSync(aside)) !== text) linkSync(aside, path); // it is a new lock, and is put back
    } finally {
      unlinkSync(aside);
    }
  } catch {
    // Another process was faster; the next try will tell.
  }
}

function release(path: string, own: string): void {
  try {
    if (textOf(path, lstatSync(path)) === own) unlinkSync(path);
  } catch {
    // Gone with its folder, or we may not remove it: it is stale when this process has ended.
  }
}

function refusal(name: string, { pid, since }: Holder): string {
  const who = Number.isNaN(pid) ? 'another process' : pid === process.pid ? 'this process' : `process ${pid}`;
  return `${visible(name)} is in use by a run of ${who} since ${since.toISOString()}; wait for its end or take another one`;
}
