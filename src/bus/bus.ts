/**
 * The three logs of a bus: what comes in, what comes out, and values that could not be processed, with the reason.
 */
export type Channel = 'in' | 'out' | 'dead';

/** What a log stores under a subject: the encoded key of a stream of values. */
export interface Entry {
  /** The subject inside its partition: letters, digits, `-` and `_`, as `keySubject` makes it of a key. */
  readonly subject: string;
  readonly data: Uint8Array;
  /**
   * The sequence number that the last entry of this subject must have, 0 for none; where it has another one, this
   * entry is refused. Without it every entry is stored.
   */
  readonly after?: number | undefined;
}

/** An entry as it was stored. */
export interface Stored {
  /** Its position: it grows from entry to entry of a partition, and may skip numbers. */
  readonly seq: number;
  readonly partition: number;
  readonly subject: string;
  readonly data: Uint8Array;
  /** What tells it from an entry that gets its number after the log has lost its end, as with the power. */
  readonly id: string;
}

/** Reads a log from one place to its end, and on as it grows. */
export interface LogReader {
  /**
   * The next entries, at least one and at most `most`; none where nothing came within `milliseconds`. One call at a
   * time.
   */
  take(most: number, milliseconds: number): Promise<readonly Stored[]>;
  /** Ends it; a `take` that waits returns none. */
  close(): void;
}

/** Append-only logs in partitions. */
export interface Log {
  /**
   * Stores entries, in their order for each subject, and gives their sequence numbers; `undefined` for one that
   * `after` refused. The promise is rejected where it is not known whether they were stored, as when a server cannot
   * be reached.
   */
  append(channel: Channel, partition: number, entries: readonly Entry[]): Promise<readonly (number | undefined)[]>;
  /**
   * Reads the entries from sequence number `from` on; of all partitions where `partition` is undefined. `take` is
   * rejected where the log ends before `from` - 1: what was there is lost, and what comes next must not take its place.
   */
  read(channel: Channel, partition: number | undefined, from: number): LogReader;
  /** The entry that has a sequence number, of whichever partition where all count together; `undefined` for none. */
  at(channel: Channel, partition: number, seq: number): Promise<Stored | undefined>;
  /** The last entry of a subject; `undefined` where there is none. */
  last(channel: Channel, partition: number, subject: string): Promise<Stored | undefined>;
  /** The sequence number of the last entry of a partition; 0 where there is none, or none was left by `trim`. */
  end(channel: Channel, partition: number): Promise<number>;
  /** Gives back the room of entries below a sequence number; some of them may stay. */
  trim(channel: Channel, partition: number, below: number): Promise<void>;
}

/** A value with the number of its last change. */
export interface Versioned {
  readonly data: Uint8Array;
  /** Grows with each change of this value. */
  readonly revision: number;
}

/** A change of a value. */
export interface Change {
  readonly name: string;
  readonly data: Uint8Array;
  /** The revision that the value must have, 0 where it must not exist yet; otherwise the change is refused. */
  readonly revision: number;
}

/** Values by name, each changed by compare-and-set. */
export interface States {
  /** Values in the order of the names. */
  get(partition: number, names: readonly string[]): Promise<readonly (Versioned | undefined)[]>;
  /** Makes changes, each by itself; gives the new revisions, `undefined` for one that was refused. */
  update(partition: number, changes: readonly Change[]): Promise<readonly (number | undefined)[]>;
}

/** Who holds a lease. */
export interface LeaseRecord {
  /** The worker; empty where it was given back. */
  readonly holder: string;
  /** Changes whenever the lease is taken, renewed or given back. */
  readonly revision: number;
}

/**
 * Leases by name. The bus only keeps who holds them: that a lease is over is found by workers, each on its own clock,
 * as they see no renewal for the lifetime of a lease.
 */
export interface Leases {
  /** All leases. */
  list(): Promise<ReadonlyMap<string, LeaseRecord>>;
  /**
   * Takes, renews or gives back a lease that has this revision, 0 where nobody had it yet; gives the new revision, or
   * `undefined` where somebody else was faster.
   */
  put(name: string, holder: string, revision: number): Promise<number | undefined>;
  /** Removes a lease that has this revision. */
  remove(name: string, revision: number): Promise<void>;
}

/** Bytes by the name of their content, such as the weights of a model. */
export interface Blobs {
  /** Stores bytes; gives the SHA-256 of them, in hexadecimal digits. */
  put(data: Uint8Array): Promise<string>;
  /** Bytes by their SHA-256, which is checked; an Error where there are none. */
  get(hash: string): Promise<Uint8Array>;
  /** Removes bytes where there are any. */
  remove(hash: string): Promise<void>;
}

/**
 * Keyed streams in partitions, with states and leases: the ports through which `fromBus`, `toBus` and `runPartitions`
 * use an engine, embedded or not. `memoryBus`, `fileBus` and `jetstreamBus` make one.
 */
export interface Bus {
  /** What it is called in messages, such as its address. */
  readonly name: string;
  /** How many partitions it has, fixed when it was made. */
  readonly partitions: number;
  /** The largest entry or value, in bytes. */
  readonly maxBytes: number;
  readonly log: Log;
  readonly states: States;
  readonly leases: Leases;
  readonly blobs: Blobs;
  /** Ends its connections. Readers are ended before, each by its own `close`: those of `fromBus` by leaving it. */
  close(): Promise<void>;
}
