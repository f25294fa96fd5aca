import { createHash, randomInt } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callable } from '../check/callable.js';
import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { reasonOf } from '../check/reasonOf.js';
import { count, object, text } from '../check/schema.js';
import { string } from '../check/string.js';
import { visible } from '../check/visible.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { readRegularFile } from '../checkpoint/readRegularFile.js';
import { sweepTemporaries } from '../checkpoint/sweepTemporaries.js';
import { writeFileAtomic } from '../checkpoint/writeFileAtomic.js';
import { batchFolder } from './batchFolder.js';
import type { Bus, Change, Channel } from './bus.js';
import { checkEntry } from './checkEntry.js';
import { type FileLog, fileLog } from './fileLog.js';
import { type FileStates, fileStates } from './fileStates.js';
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

/** The file that says what a folder is, and the most bytes that are read of it. */
const ABOUT = 'bus.json';
/** What to do where there is no bus. */
const FIRST = 'check the address, or begin with what may make a bus, such as feed';
const ABOUT_BYTES = 4096;
/** The folders that a bus has once it was used. */
const USED = ['in', 'out', 'dead', 'states', 'leases'];
/** The largest blob, in bytes: what Node reads of a file at once. */
const LARGEST_BLOB = 2 ** 31 - 1;
const ABOUT_FORM = object<{ format: string; version: number; partitions: number }>({
  format: text,
  version: count,
  partitions: count,
});

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
  const partitions = open(folder, temporary, given);
  const logs = new Map<string, FileLog>();
  const states = new Map<number | 'leases', FileStates>();
  const wakes = new Set<() => void>();
  const puts: Change[] = []; // of leases, in this turn
  let putting: Promise<readonly (number | undefined)[]> | undefined;

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
  const blobPath = (hash: string): string => {
    if (!/^[\da-f]{64}$/.test(hash))
      throw new RangeError(`fileBus: a hash has 64 hexadecimal digits, got ${visible(hash)}`);
    return join(folder, 'blobs', hash);
  };

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
    leases: {
      async list() {
        const all = statesOf('leases');
        const names = all.names();
        return new Map(
          all.get(names).flatMap((value, i) => {
            if (!value) return [];
            return [[names[i]!, { holder: new TextDecoder().decode(value.data), revision: value.revision }]];
          }),
        );
      },
      async put(name, holder, revision) {
        const data = new TextEncoder().encode(holder);
        checkEntry(name, data, maxBytes);
        const place = puts.push({ name, data, revision }) - 1;
        putting ??= Promise.resolve().then(() => {
          putting = undefined;
          return statesOf('leases').update(puts.splice(0)); // all of this turn in one batch
        });
        return (await putting)[place];
      },
      async remove(name, revision) {
        statesOf('leases').update([{ name, data: undefined, revision }]);
      },
    },
    blobs: {
      async put(data) {
        const hash = createHash('sha256').update(data).digest('hex');
        if (data.length > LARGEST_BLOB) {
          throw new RangeError(`fileBus: a blob has ${data.length} bytes, at most ${LARGEST_BLOB}`);
        }
        if (statSync(blobPath(hash), { throwIfNoEntry: false })?.size !== data.length) {
          writeFileAtomic(blobPath(hash), data, 'fileBus');
        }
        return hash;
      },
      async get(hash) {
        if (!existsSync(blobPath(hash)))
          throw new Error(`fileBus: ${visible(folder)} has no bytes with the SHA-256 ${hash}`);
        const data = blobOf(blobPath(hash));
        if (createHash('sha256').update(data).digest('hex') === hash) return data;
        throw new Error(`fileBus: ${visible(blobPath(hash))} was damaged: its SHA-256 is another one`);
      },
      remove: async (hash) => rmSync(blobPath(hash), { force: true }),
    },
    async close() {
      for (const wake of wakes) wake();
    },
  };
}

/** Makes the folder, or reads how many partitions it has. */
function open(folder: string, temporary: string, given: FileBusOptions): number {
  try {
    const path = join(folder, ABOUT);
    const isThere = (): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;
    if (!isThere()) {
      if (given.create === false) throw new Error(`there is none: it has no ${ABOUT}; ${FIRST}`);
      const used = namesIn(folder).find((name) => USED.includes(name));
      if (used !== undefined && !isThere()) throw new Error(`it has ${used}, and its ${ABOUT} is gone: put that back`);
    }
    for (const needed of [temporary, join(folder, 'blobs')]) mkdirSync(needed, { recursive: true });
    sweepTemporaries(temporary);
    if (!isThere() && make(path, temporary, given.partitions ?? 64)) given.created?.();
    const about = ABOUT_FORM(JSON.parse(readRegularFile(path, ABOUT_BYTES).toString()), ABOUT);
    const { format, version, partitions } = about;
    if (format === 'rxrnn-bus' && version === 1 && partitions > 0 && partitions <= MOST_PARTITIONS) return partitions;
    throw new Error(`${ABOUT} is of another format or version`);
  } catch (cause) {
    throw new Error(`fileBus: ${visible(folder)} cannot be used as a bus: ${reasonOf(cause)}`, { cause });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function blobOf(path: string): Uint8Array {
  try {
    return readRegularFile(path, LARGEST_BLOB);
  } catch (cause) {
    throw new Error(`fileBus: ${visible(path)} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

/** Writes the file that says what the folder is; false where another process was faster. */
function make(path: string, temporary: string, partitions: number): boolean {
  const draft = join(temporary, `.about.tmp-${process.pid}-${randomInt(2 ** 47)}`);
  writeFileSync(draft, JSON.stringify({ format: 'rxrnn-bus', version: 1, partitions }), { flag: 'wx' });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    unlinkSync(draft);
  }
}
