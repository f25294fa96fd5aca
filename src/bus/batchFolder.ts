import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { visible } from '../check/visible.js';
import { syncFolder } from '../checkpoint/syncFolder.js';
import { newTemporaryName } from '../checkpoint/temporaryName.js';
import { type Batch, encodeBatch, type NewEntry } from './encodeBatch.js';
import { goOn, LOST } from './goOn.js';
import { isGone } from './isGone.js';
import { readBatch, unreadable } from './readBatch.js';

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
  /** Refuses a place without a batch that is not the end, since batches follow it, or that is before `from`. */
  checkEnd(at: number, from: number): void;
  /** What was kept of the entries below a floor. */
  readFloor(at: number): Batch | undefined;
  /** Stores a batch, whole or not at all; false where another process has stored one there. */
  create(first: number, entries: readonly NewEntry[]): boolean;
  /** Deletes the batches below a number at which one begins, and keeps `entries` in their place. */
  raise(at: number, entries: readonly NewEntry[]): void;
}

/** Sequence numbers per folder of files: large folders are slow to list. */
const SHARD = 16_384;

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
 * A batch that was lost with the power is given up by a person who writes `lost` into its file: no number is given
 * twice, or what has the old one would pass for processed.
 *
 * With `sync` a batch is on the disk before it has its name, and its name before `create` returns.
 */
export function batchFolder(folder: string, temporary: string, sync: boolean): BatchFolder {
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

  function openDraft(draft: string): number {
    try {
      return openSync(draft, 'wx');
    } catch (cause) {
      if (!isGone(cause)) throw cause;
      throw new Error(`the folder of the bus was deleted: ${visible(temporary)} is gone`, { cause });
    }
  }
  function store(path: string, next: number, entries: readonly NewEntry[]): boolean {
    const draft = join(temporary, newTemporaryName('.batch.tmp-'));
    const file = openDraft(draft);
    try {
      try {
        const bytes = encodeBatch(next, entries);
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
  function locate(seq: number): number {
    const from = floor();
    for (const shard of shards()) {
      if (shard * SHARD > seq) continue;
      const found = numbers(join(folder, String(shard)), /^(\d+)$/).filter((first) => first <= seq && first >= from);
      if (found.length > 0) return Math.max(...found);
    }
    return from;
  }
  /** The number of the next batch after one; `undefined` for none. */
  function following(first: number): number | undefined {
    for (const shard of shards().toReversed()) {
      if ((shard + 1) * SHARD <= first) continue;
      const later = numbers(join(folder, String(shard)), /^(\d+)$/).filter((other) => other > first);
      if (later.length > 0) return Math.min(...later);
    }
    return undefined;
  }
  function read(first: number): Batch | undefined {
    const path = pathOf(first);
    const batch = readBatch(path);
    return batch === LOST ? { next: following(first) ?? first + 1, entries: [], path, id: LOST } : batch;
  }

  return {
    floor,
    end() {
      const first = locate(Infinity);
      return read(first)?.next ?? floor();
    },
    locate,
    read,
    checkEnd(at, from) {
      const next = following(at); // before the others are looked at: who has stored it saw them
      const path = pathOf(next === undefined ? from - 1 : at);
      if ((next === undefined ? at >= from : existsSync(path)) || floor() > at) return;
      const what = next === undefined ? `ends at ${at - 1}` : `has no entry ${at}, and has ${next}`;
      const hint = 'power was lost before what it held was on the disk, or a file was deleted';
      throw new Error(`fileBus: ${visible(folder)} ${what}: ${hint}; ${goOn(path)}`);
    },
    readFloor(at) {
      const path = join(folder, `floor-${at}`);
      const kept = readBatch(path);
      return kept === LOST ? { next: at, entries: [], path, id: LOST } : kept;
    },
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
