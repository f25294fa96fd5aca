import { createHash } from 'node:crypto';
import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';
import { anything } from '../check/anything.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Bus, Channel, Entry, LeaseRecord, LogReader, Stored, Versioned } from './bus.js';
import { checkEntry } from './checkEntry.js';
import { MOST_PARTITIONS } from './partitionOf.js';

/** The size of a bus in memory. */
export interface MemoryBusOptions {
  /** 64 by default. */
  readonly partitions?: number | undefined;
  /** The largest entry or value, in bytes: 1 MiB by default. */
  readonly maxBytes?: number | undefined;
  /** The clock of readers that wait; `asyncScheduler` by default. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** The entries of one partition, those below `trimmed` gone. */
interface Part {
  entries: Stored[];
  trimmed: number;
  readonly last: Map<string, Stored>;
  readonly values: Map<string, Versioned>;
  changes: number;
}

/**
 * Makes a bus in this process: for tests, and for a pipeline whose keys one process can hold. What it holds ends with
 * the process, and is limited by its memory alone; `log.trim` gives room back.
 *
 * ```ts
 * import { from, take } from 'rxjs';
 * import { fromBus, memoryBus, toBus } from 'rxrnn/bus';
 *
 * const bus = memoryBus({ partitions: 4 });
 * const value = new TextEncoder().encode('logged in');
 * from([{ key: 'ann', value }]).pipe(toBus(bus)).subscribe();
 * fromBus(bus, { channel: 'in' })
 *   .pipe(take(1))
 *   .subscribe(({ key, value }) => console.log(key, new TextDecoder().decode(value))); // -> ann logged in
 * ```
 */
export function memoryBus(given: MemoryBusOptions = {}): Bus {
  given = checkOptions('memoryBus', given, {
    partitions: optional(wholeNumber(1, MOST_PARTITIONS)),
    maxBytes: optional(positiveInteger),
    scheduler: anything,
  });
  const { partitions = 64, maxBytes = 0x100000, scheduler = asyncScheduler } = given;
  const parts = new Map<string, Part>();
  const leases = new Map<string, LeaseRecord>();
  const blobs = new Map<string, Uint8Array>();
  const listeners = new Set<() => void>();
  let leaseChanges = 0;

  function part(channel: Channel | 'states', partition: number): Part {
    const name = `${channel} ${partition}`;
    let found = parts.get(name);
    if (!found) {
      found = { entries: [], trimmed: 0, last: new Map(), values: new Map(), changes: 0 };
      parts.set(name, found);
    }
    return found;
  }

  return {
    name: 'memory:',
    partitions,
    maxBytes,
    log: {
      async append(channel, partition, entries) {
        const { entries: all, last, trimmed } = part(channel, partition);
        for (const entry of entries) checkEntry(entry.subject, entry.data, maxBytes);
        const stored = entries.map(({ subject, data, after }: Entry) => {
          if (after !== undefined && after !== (last.get(subject)?.seq ?? 0)) return undefined;
          const seq = trimmed + all.length + 1;
          const entry = { seq, partition, subject, data: Uint8Array.from(data), id: '' };
          all.push(entry);
          last.set(subject, entry);
          return seq;
        });
        for (const wake of listeners) wake();
        return stored;
      },
      read: (channel, partition, from) =>
        reader(partition === undefined ? Array.from({ length: partitions }, (_, p) => p) : [partition], channel, from),
      at: async (channel, partition, seq) =>
        part(channel, partition).entries[seq - 1 - part(channel, partition).trimmed],
      last: async (channel, partition, subject) => part(channel, partition).last.get(subject),
      async end(channel, partition) {
        const { trimmed, entries } = part(channel, partition);
        return entries.length > 0 ? trimmed + entries.length : 0;
      },
      async trim(channel, partition, below) {
        const found = part(channel, partition);
        const count = Math.min(Math.max(0, below - 1 - found.trimmed), found.entries.length);
        for (const { subject, seq } of found.entries.slice(0, count)) {
          if (found.last.get(subject)?.seq === seq) found.last.delete(subject);
        }
        found.entries = found.entries.slice(count);
        found.trimmed += count;
      },
    },
    states: {
      get: async (partition, names) => names.map((name) => part('states', partition).values.get(name)),
      async update(partition, changes) {
        const found = part('states', partition);
        for (const { name, data } of changes) checkEntry(name, data, maxBytes);
        return changes.map(({ name, data, revision }) => {
          if ((found.values.get(name)?.revision ?? 0) !== revision) return undefined;
          found.values.set(name, { data: Uint8Array.from(data), revision: ++found.changes });
          return found.changes;
        });
      },
    },
    leases: {
      list: async () => new Map(leases),
      async put(name, holder, revision) {
        if ((leases.get(name)?.revision ?? 0) !== revision) return undefined;
        leases.set(name, { holder, revision: ++leaseChanges });
        return leaseChanges;
      },
      async remove(name, revision) {
        if (leases.get(name)?.revision === revision) leases.delete(name);
      },
    },
    blobs: {
      async put(data) {
        const hash = createHash('sha256').update(data).digest('hex');
        blobs.set(hash, Uint8Array.from(data));
        return hash;
      },
      async get(hash) {
        const data = blobs.get(hash);
        if (!data) throw new Error(`memory: has no bytes with the SHA-256 ${hash}`);
        return data;
      },
      remove: async (hash) => void blobs.delete(hash),
    },
    async close() {
      for (const wake of listeners) wake();
    },
  };

  function reader(own: readonly number[], channel: Channel, from: number): LogReader {
    const next = own.map(() => from);
    let turn = 0; // the partition that is looked at first, so that a full one does not hide the others
    let closed = false;
    let wake: (() => void) | undefined;

    function collect(most: number): Stored[] {
      const found: Stored[] = [];
      turn = (turn + 1) % own.length;
      for (let looked = 0; looked < own.length; looked++) {
        const i = (turn + looked) % own.length;
        const { entries, trimmed } = part(channel, own[i]!);
        const start = Math.max(0, next[i]! - 1 - trimmed);
        if (start > entries.length) {
          throw new Error(`memory: ${channel} of partition ${own[i]} has no entry ${from - 1} to read on from`);
        }
        const more = entries.slice(start, start + most - found.length);
        for (const entry of more) found.push(entry);
        if (more.length > 0) next[i] = more.at(-1)!.seq + 1;
        if (found.length >= most) break;
      }
      return found;
    }
    return {
      async take(most, milliseconds) {
        let found = closed ? [] : collect(most);
        if (found.length > 0 || closed || milliseconds <= 0) return found;
        let timer: Subscription | undefined;
        let over = false;
        const waits = (): boolean => !over && !closed;
        while (found.length === 0 && waits()) {
          await new Promise<void>((resolve) => {
            wake = resolve;
            listeners.add(resolve);
            timer ??= scheduler.schedule(() => {
              over = true;
              wake?.();
            }, milliseconds);
          });
          listeners.delete(wake!);
          found = closed ? [] : collect(most);
        }
        timer?.unsubscribe();
        return found;
      },
      close() {
        closed = true;
        wake?.();
      },
    };
  }
}
