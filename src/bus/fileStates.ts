import type { Change, Versioned } from './bus.js';
import type { BatchFolder } from './batchFolder.js';
import { type Batch, LARGEST_BATCH } from './encodeBatch.js';
import { readAt } from './readBatch.js';

/** Values by name in a folder, changed by compare-and-set. */
export interface FileStates {
  get(names: readonly string[]): (Versioned | undefined)[];
  update(changes: readonly (Change | Removal)[]): (number | undefined)[];
  names(): string[];
}

/** A change that removes a name. */
interface Removal {
  readonly name: string;
  readonly data: undefined;
  readonly revision: number;
}

/** Where a value is. */
interface Place {
  readonly revision: number;
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * Batches are replaced by what is current once they have this many bytes, and this many times the current ones; those of
 * more than a batch can hold stay.
 */
const LEAST_BYTES = 1 << 20;
const TIMES = 4;
/** What a batch of its own costs, in bytes: files are small. */
const PER_BATCH = 256;

/**
 * Makes named values of a folder of batches of changes: the last change of a name has its value, and its number is the
 * revision. Memory holds where each value is, about 150 bytes per name, and not the value.
 */
export function fileStates(folder: BatchFolder): FileStates {
  const places = new Map<string, Place>();
  let isWhole = false; // whether no batch is missing of those that were there at first
  let next = 0; // where the batch begins that `places` does not have yet
  let written = 0; // bytes in batches since the floor
  let live = 0; // bytes of the current values

  function follow(): void {
    for (;;) {
      const batch = next === 0 ? undefined : folder.read(next);
      if (batch) {
        note(batch);
        continue;
      }
      const floor = folder.floor();
      if (floor <= next) {
        if (!isWhole) folder.checkEnd(next, next);
        isWhole = true;
        return;
      }
      places.clear();
      written = live = 0;
      next = floor;
      const kept = folder.readFloor(floor);
      if (kept) note(kept);
      else if (floor > 1) next = 0; // a higher floor was made just now
    }
  }
  function note({ entries, path, next: after }: Batch): void {
    for (const { seq, name, data, offset } of entries) {
      live -= places.get(name)?.length ?? 0;
      if (data) places.set(name, { revision: seq, path, offset, length: data.length });
      else places.delete(name);
      live += data?.length ?? 0;
      written += data?.length ?? 0;
    }
    written += PER_BATCH;
    next = after;
  }
  function value(name: string): Versioned | undefined {
    const place = places.get(name);
    if (!place) return undefined;
    const data = readAt(place.path, place.offset, place.length);
    if (data) return { data, revision: place.revision };
    next = 0; // its batch was replaced just now
    follow();
    return value(name);
  }
  function compact(): void {
    if (written < LEAST_BYTES || written < TIMES * live || live + PER_BATCH * places.size > LARGEST_BATCH) return;
    const at = next;
    const current = Array.from(places, ([name, { revision }]) => ({ seq: revision, name, data: value(name)!.data }));
    if (next !== at) return; // a batch was gone, and others were read: what was collected before is out of date
    folder.raise(at, current);
    next = 0;
    follow();
  }

  return {
    get(names) {
      follow();
      return names.map(value);
    },
    update(changes) {
      for (;;) {
        follow();
        const seqs = new Map<string, number>();
        const stored: { seq: number; name: string; data: Uint8Array | undefined }[] = [];
        const results = changes.map(({ name, data, revision }) => {
          if (revision !== (seqs.get(name) ?? places.get(name)?.revision ?? 0)) return undefined;
          const seq = next + stored.length;
          stored.push({ seq, name, data });
          seqs.set(name, seq);
          return seq;
        });
        if (stored.length === 0) return results;
        if (!folder.create(next, stored)) continue;
        follow();
        compact();
        return results;
      }
    },
    names() {
      follow();
      return [...places.keys()];
    },
  };
}
