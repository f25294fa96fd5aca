import { Buffer } from 'node:buffer';
import { createHash, randomInt } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { openRegularFile } from '../checkpoint/openRegularFile.js';
import { readRegularFile } from '../checkpoint/readRegularFile.js';
import { syncFolder } from '../checkpoint/syncFolder.js';
import { reasonOf } from '../check/reasonOf.js';
import { visible } from '../check/visible.js';

/** An entry of a batch; data is `undefined` where the name was removed. */
interface BatchEntry {
  readonly seq: number;
  readonly name: string;
  readonly data: Uint8Array | undefined;
  /** Where the data is in its file. */
  readonly offset: number;
}

/** Entries that were stored together. */
export interface Batch {
  /** The sequence number after its last entry. */
  readonly next: number;
  readonly entries: readonly BatchEntry[];
  readonly path: string;
}

/** A folder of numbered batches, to which several processes append. */
export interface BatchFolder {
  /** Where the batches that are kept begin. */
  floor(): number;
  /** The sequence number that the next entry gets. */
  end(): number;
  /** The first number of the batch that holds an entry, or that will; not below the floor. */
  locate(seq: number): number;
  /** The batch that begins at a number; `undefined` where there is none. */
  read(first: number): Batch | undefined;
  /** What was kept of the entries below a floor. */
  readFloor(at: number): Batch | undefined;
  /** Stores a batch, whole or not at all; false where another process has stored one there. */
  create(first: number, entries: readonly Pick<BatchEntry, 'seq' | 'name' | 'data'>[]): boolean;
  /** Deletes the batches below a number at which one begins, and keeps `entries` in their place. */
  raise(at: number, entries: readonly Pick<BatchEntry, 'seq' | 'name' | 'data'>[]): void;
}

const MAGIC = 'rxb1';
const HEADER = 4 + 4 + 8 + 16; // magic, count, next, the first half of the SHA-256 of the rest
const ENTRY = 8 + 2 + 4; // number, length of the name, length of the data
const GONE = 0xffff_ffff;
/** Sequence numbers per folder of files: large folders are slow to list. */
const SHARD = 16_384;
/** The largest batch, in bytes: 1 GiB. What is larger is not read, and not written. */
export const LARGEST_BATCH = 0x4000_0000;

/**
 * Opens a folder of numbered batches.
 *
 * A batch is a file named after the number of its first entry. It is written under another name, complete, and gets
 * its name by `link`, which fails where the name is taken: of several processes one wins, and no lock is held that a
 * killed or stopped process could keep. A process that is killed at any point leaves a temporary file and nothing
 * else.
 *
 * A file `floor-N` says that the batches below N are gone; it holds what was kept of them. It is made before they are
 * deleted, so that a process that had slept, and stored a batch where one was deleted, sees that and takes it back.
 *
 * With `sync` a batch is on the disk before it has its name, and its name before `create` returns.
 */
export function batchFolder(folder: string, temporary: string, sync: boolean): BatchFolder {
  mkdirSync(folder, { recursive: true });
  const pathOf = (first: number): string => join(folder, String(Math.floor(first / SHARD)), String(first));

  function numbers(path: string, pattern: RegExp): number[] {
    let names: string[];
    try {
      names = readdirSync(path);
    } catch (error) {
      if (isGone(error)) return []; // trimmed just now
      throw unreadable(path, error);
    }
    return names.flatMap((name) => pattern.exec(name)?.[1] ?? []).map(Number);
  }
  const floors = (): number[] => numbers(folder, /^floor-(\d+)$/);
  const shards = (): number[] => numbers(folder, /^(\d+)$/).toSorted((a, b) => b - a);
  const floor = (): number => Math.max(1, ...floors());

  function store(path: string, next: number, entries: readonly Pick<BatchEntry, 'seq' | 'name' | 'data'>[]): boolean {
    const draft = join(temporary, `.batch.tmp-${process.pid}-${randomInt(2 ** 47)}`);
    const file = openSync(draft, 'wx');
    try {
      try {
        const bytes = encode(next, entries);
        for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
        if (sync) fsyncSync(file);
      } finally {
        closeSync(file);
      }
      return named(draft, path);
    } finally {
      unlinkSync(draft);
    }
  }
  function named(draft: string, path: string): boolean {
    const parent = join(path, '..');
    for (;;) {
      try {
        linkSync(draft, path);
        if (sync) syncFolder(parent);
        return true;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EEXIST') return false;
        if (code !== 'ENOENT') throw error;
        mkdirSync(parent, { recursive: true });
        if (sync) syncFolder(folder);
      }
    }
  }
  function readPath(path: string): Batch | undefined {
    if (!existsSync(path)) return undefined; // what is usual, without the cost of an error
    try {
      return decode(path, readRegularFile(path, LARGEST_BATCH));
    } catch (error) {
      if (isGone(error)) return undefined;
      throw unreadable(path, error);
    }
  }
  function locate(seq: number): number {
    const from = floor();
    for (const shard of shards()) {
      if (shard * SHARD > seq) continue;
      const found = numbers(join(folder, String(shard)), /^(\d+)$/).filter((first) => first <= seq && first >= from);
      if (found.length > 0) return Math.max(...found);
    }
    return from;
  }

  return {
    floor,
    end() {
      const first = locate(Infinity);
      return readPath(pathOf(first))?.next ?? floor();
    },
    locate,
    read: (first) => readPath(pathOf(first)),
    readFloor: (at) => readPath(join(folder, `floor-${at}`)),
    create(first, entries) {
      const path = pathOf(first);
      if (!store(path, first + entries.length, entries)) return false;
      if (floor() <= first) return true;
      unlinkSync(path); // it was stored where a batch had been deleted
      return false;
    },
    raise(at, entries) {
      if (!store(join(folder, `floor-${at}`), at, entries)) return; // another process does the same
      for (const shard of shards()) {
        const path = join(folder, String(shard));
        const all = numbers(path, /^(\d+)$/);
        const old = all.filter((first) => first < at);
        for (const first of old) remove(join(path, String(first)));
        if (old.length === all.length && (shard + 1) * SHARD <= at) removeFolder(path);
      }
      for (const old of floors()) if (old < at) remove(join(folder, `floor-${old}`));
    },
  };
}

/** Reads a part of a batch, as its entries say where it is; `undefined` where the file is gone. */
export function readAt(path: string, offset: number, length: number): Uint8Array | undefined {
  let file: number;
  try {
    file = openRegularFile(path).descriptor;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw unreadable(path, error);
  }
  try {
    const bytes = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length;) {
      const more = readSync(file, bytes, filled, length - filled, offset + filled);
      if (more === 0) throw unreadable(path, new NotWhole());
      filled += more;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

function encode(next: number, entries: readonly Pick<BatchEntry, 'seq' | 'name' | 'data'>[]): Buffer {
  const size = entries.reduce((sum, { name, data }) => sum + ENTRY + name.length + (data?.length ?? 0), HEADER);
  if (size > LARGEST_BATCH) {
    throw new RangeError(
      `fileBus: a batch of ${size} bytes is too large, at most ${LARGEST_BATCH}; store less at once`,
    );
  }
  const bytes = Buffer.allocUnsafe(size);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt32LE(entries.length, 4);
  bytes.writeDoubleLE(next, 8);
  let at = HEADER;
  for (const { seq, name, data } of entries) {
    bytes.writeDoubleLE(seq, at);
    bytes.writeUInt16LE(name.length, at + 8);
    bytes.writeUInt32LE(data?.length ?? GONE, at + 10);
    bytes.write(name, at + ENTRY, 'latin1');
    at += ENTRY + name.length;
    if (data) bytes.set(data, at);
    at += data?.length ?? 0;
  }
  digest(bytes).copy(bytes, 16, 0, 16);
  return bytes;
}

function decode(path: string, bytes: Buffer): Batch {
  const whole = bytes.length >= HEADER && bytes.toString('latin1', 0, 4) === MAGIC;
  if (!whole || !digest(bytes).subarray(0, 16).equals(bytes.subarray(16, HEADER))) throw new NotWhole();
  const entries: BatchEntry[] = [];
  let at = HEADER;
  for (let left = bytes.readUInt32LE(4); left > 0; left--) {
    const name = bytes.toString('latin1', at + ENTRY, at + ENTRY + bytes.readUInt16LE(at + 8));
    const length = bytes.readUInt32LE(at + 10);
    const offset = at + ENTRY + name.length;
    const data = length === GONE ? undefined : bytes.subarray(offset, offset + length);
    entries.push({ seq: bytes.readDoubleLE(at), name, data, offset });
    at = offset + (data?.length ?? 0);
  }
  return { next: bytes.readDoubleLE(8), entries, path };
}

/** The digest of what comes before and after its place. */
function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes.subarray(0, 16)).update(bytes.subarray(HEADER)).digest();
}

/** A file that is not what was written. */
class NotWhole extends Error {}

/** Says what cannot be read, and why; a device, a pipe or a folder in the place of a batch is not even opened. */
function unreadable(path: string, cause: unknown): Error {
  const hint = 'power was lost before it was on the disk, or the disk is damaged; what it held is lost';
  const reason =
    cause instanceof NotWhole ? `is not a whole batch: ${hint}` : `cannot be read as a batch: ${reasonOf(cause)}`;
  return new Error(`fileBus: ${visible(path)} ${reason}`, { cause });
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // another process was faster
  }
}

function removeFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // another process has stored a batch there, which it will take back
  }
}
