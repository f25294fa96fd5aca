import { join } from 'node:path';
import { callable } from '../check/callable.js';
import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { string } from '../check/string.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { batchFolder } from './batchFolder.js';
import type { Bus, Channel } from './bus.js';
import { checkEntry } from './checkEntry.js';
import { fileBlobs } from './fileBlobs.js';
import { fileLeases } from './fileLeases.js';
import { type FileLog, fileLog } from './fileLog.js';
import { type FileStates, fileStates } from './fileStates.js';
import { openBusFolder } from './openBusFolder.js';
import { MOST_PARTITIONS } from './partitionOf.js';
import { polling } from './polling.js';

/** How a bus in a folder is made and written. */
export interface FileBusOptions {
  /** Partitions of a bus that is made; 64 by default. One that exists keeps its own number: see `Bus.partitions`. */
  readonly partitions?: number | undefined;
  /** The largest entry or value, in bytes: 1 MiB by default. */
  readonly maxBytes?: number | undefined;
  /**
   * Whether what is stored is on the disk before it is acknowledged; `false` by default. Without it a killed process
   * loses nothing, and a loss of power the last seconds; with it neither, and each commit waits for the disk.
   */
  readonly sync?: boolean | undefined;
  /** Whether a bus is made where there is none; `true` by default. With `false` a missing one is an Error. */
  readonly create?: boolean | undefined;
  /** Called where a bus was made, so that a typo in the folder does not go unnoticed. */
  readonly created?: (() => void) | undefined;
}

/**
 * Opens a bus in a folder, and makes it where there is none: for several processes of one machine, without a server.
 *
 * No process holds a lock: each batch of entries, states or leases is a file that appears whole, by `link`, under a
 * number that only one process can take. A process may be killed or stopped at any point, and the others continue.
 * The file system must have hard links; several machines must not share the folder.
 *
 * Logs grow until `log.trim`; states are compacted by themselves. Memory holds about 150 bytes per key of the
 * partitions that a process works on.
 */
export function fileBus(folder: string, given: FileBusOptions = {}): Bus {
  string('fileBus', 'folder', folder);
  given = checkOptions('fileBus', given, {
    partitions: optional(wholeNumber(1, MOST_PARTITIONS)),
    maxBytes: optional(positiveInteger),
    sync: optional(flag),
    create: optional(flag),
    created: optional(callable),
  });
  const { maxBytes = 0x100000, sync = false } = given;
  const temporary = join(folder, 'tmp');
  const partitions = openBusFolder(folder, temporary, given);
  const logs = new Map<string, FileLog>();
  const states = new Map<number | 'leases', FileStates>();
  const wakes = new Set<() => void>();

  function logOf(channel: Channel, partition: number): FileLog {
    const name = `${channel}/${partition}`;
    let log = logs.get(name);
    if (!log) logs.set(name, (log = fileLog(batchFolder(join(folder, name), temporary, sync), partition)));
    return log;
  }
  function statesOf(partition: number | 'leases'): FileStates {
    let found = states.get(partition);
    const path = join(folder, partition === 'leases' ? partition : `states/${partition}`);
    if (!found) states.set(partition, (found = fileStates(batchFolder(path, temporary, sync))));
    return found;
  }

  return {
    name: `file:${folder}`,
    partitions,
    maxBytes,
    log: {
      async append(channel, partition, entries) {
        for (const { subject, data } of entries) checkEntry(subject, data, maxBytes);
        const stored = logOf(channel, partition).append(entries);
        for (const wake of wakes) wake();
        return stored;
      },
      read(channel, partition, from) {
        const all = partition === undefined ? Array.from({ length: partitions }, (_, p) => p) : [partition];
        return polling(
          all.map((p) => logOf(channel, p).reader(from)),
          wakes,
        );
      },
      at: async (channel, partition, seq) => logOf(channel, partition).at(seq),
      last: async (channel, partition, subject) => logOf(channel, partition).last(subject),
      end: async (channel, partition) => logOf(channel, partition).end(),
      trim: async (channel, partition, below) => logOf(channel, partition).trim(below),
    },
    states: {
      get: async (partition, names) => statesOf(partition).get(names),
      async update(partition, changes) {
        for (const { name, data } of changes) checkEntry(name, data, maxBytes);
        return statesOf(partition).update(changes);
      },
    },
    leases: fileLeases(() => statesOf('leases'), maxBytes),
    blobs: fileBlobs(folder),
    async close() {
      for (const wake of wakes) wake();
    },
  };
}
