import type { Entry, Stored } from './bus.js';
import type { BatchFolder } from './batchFolder.js';
import type { Batch } from './encodeBatch.js';
import { readAt } from './readBatch.js';

/** One partition of a log in a folder. */
export interface FileLog {
  append(entries: readonly Entry[]): (number | undefined)[];
  at(seq: number): Stored | undefined;
  last(subject: string): Stored | undefined;
  end(): number;
  trim(below: number): void;
  /** A reader that never waits. */
  reader(from: number): { take(most: number): Stored[] };
}

/** Where the last entry of a subject is. */
interface Place {
  readonly seq: number;
  readonly path: string;
  readonly id: string;
  readonly offset: number;
  readonly length: number;
}

/** How often a reader at the end looks whether entries before it were trimmed, in looks at the end. */
const LOOKS = 32;

/**
 * Makes a log of a folder of batches. What it knows of the last entry of each subject is read when it is first
 * needed, and then batch by batch: about 150 bytes per subject.
 */
export function fileLog(folder: BatchFolder, partition: number): FileLog {
  const places = new Map<string, Place>();
  let next: number | undefined; // where the batch begins that `places` does not have yet
  let tail: number | undefined; // where the next batch goes
  let isWhole = false; // whether no batch is missing of those that were there at first

  function follow(): void {
    next ??= folder.floor();
    for (;;) {
      const batch = folder.read(next);
      if (!batch) {
        const floor = folder.floor();
        if (floor <= next) {
          if (!isWhole) folder.checkEnd(next, next);
          isWhole = true;
          break;
        }
        next = floor;
        for (const [subject, { seq }] of places) if (seq < floor) places.delete(subject);
        continue;
      }
      note(batch);
    }
    tail = next;
  }
  function note({ entries, path, id, next: after }: Batch): void {
    for (const { seq, name, data, offset } of entries)
      places.set(name, { seq, path, id, offset, length: data!.length });
    next = after;
  }

  return {
    append(entries) {
      const conditional = entries.some(({ after }) => after !== undefined);
      for (;;) {
        if (conditional) follow();
        tail ??= folder.end();
        const seqs = new Map<string, number>();
        const stored: { seq: number; name: string; data: Uint8Array }[] = [];
        const results = entries.map(({ subject, data, after }) => {
          const last = seqs.get(subject) ?? places.get(subject)?.seq ?? 0;
          if (after !== undefined && after !== last) return undefined;
          const seq = tail! + stored.length;
          stored.push({ seq, name: subject, data });
          seqs.set(subject, seq);
          return seq;
        });
        if (stored.length === 0) return results;
        if (folder.create(tail, stored)) {
          tail += stored.length;
          return results;
        }
        tail = undefined;
      }
    },
    at(seq) {
      const batch = folder.read(folder.locate(seq));
      const entry = batch?.entries.find((entry) => entry.seq === seq);
      return entry && { seq, partition, subject: entry.name, data: entry.data!, id: batch!.id };
    },
    last(subject) {
      for (;;) {
        follow();
        const place = places.get(subject);
        if (!place) return undefined;
        const data = readAt(place.path, place.offset, place.length);
        if (data) return { seq: place.seq, partition, subject, data, id: place.id };
        next = folder.floor(); // it was trimmed just now
        places.clear();
      }
    },
    end() {
      tail = folder.end();
      return tail > folder.floor() ? tail - 1 : 0;
    },
    trim(below) {
      const at = folder.locate(below);
      if (at > folder.floor()) folder.raise(at, []);
    },
    reader(from) {
      let at: number | undefined;
      let wanted = from;
      let left: Stored[] = [];
      let looks = 0;
      let isChecked = false; // whether nothing is missing up to where the log ended at first

      function more(): boolean {
        at ??= folder.locate(wanted);
        const batch = folder.read(at);
        if (!batch) {
          if (!isChecked) folder.checkEnd(at, wanted);
          isChecked = true;
          if (looks++ % LOOKS > 0) return false;
          const floor = folder.floor();
          if (floor <= at) return false;
          at = floor;
          return true;
        }
        looks = 1;
        at = batch.next;
        for (const { seq, name, data } of batch.entries) {
          if (seq >= wanted) left.push({ seq, partition, subject: name, data: data!, id: batch.id });
        }
        return true;
      }
      return {
        take(most) {
          while (left.length === 0 && more());
          const taken = left.slice(0, most);
          left = left.slice(most);
          if (taken.length > 0) wanted = taken.at(-1)!.seq + 1;
          return taken;
        },
      };
    },
  };
}
