import type { JetStreamManager } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { LeaseRecord, Leases } from '../bus/bus.js';
import { checkEntry } from '../bus/checkEntry.js';
import { isRefused } from './isRefused.js';
import { setValue } from './setValue.js';

/** The names of leases of partitions, and of workers. */
const OWN_NAME = /^(?:p\d{1,5}|w-[\w-]{1,158})$/;

/** Where the leases are. */
export interface BucketLeasesOptions {
  readonly manager: JetStreamManager;
  /** The stream behind the bucket. */
  readonly stream: string;
  readonly maxBytes: number;
}

/**
 * Leases of a bus in a key-value bucket. They have no time to live on the server: see `Leases`. They are listed by
 * asking, not by a watcher: those that reconnect can leave consumers behind.
 */
export function bucketLeases(bucket: KV, { manager, stream, maxBytes }: BucketLeasesOptions): Leases {
  return {
    async list() {
      const { state } = await manager.streams.info(stream, { subjects_filter: '>' });
      const all = Object.keys(state.subjects ?? {}).map((subject) => subject.slice(subject.indexOf('.', 4) + 1));
      const names = all.filter((name) => OWN_NAME.test(name)); // others may write there, too
      const found = await Promise.all(names.map((name) => bucket.get(name)));
      const table = new Map<string, LeaseRecord>();
      for (const [i, entry] of found.entries()) {
        if (entry?.operation !== 'PUT') continue;
        table.set(names[i]!, { holder: entry.string(), revision: entry.revision });
      }
      return table;
    },
    async put(name, holder, revision) {
      const data = new TextEncoder().encode(holder);
      checkEntry(name, data, maxBytes);
      return setValue(bucket, name, data, revision);
    },
    async remove(name, revision) {
      await bucket.delete(name, { previousSeq: revision }).catch((error: unknown) => {
        if (!isRefused(error)) throw error;
      });
    },
  };
}
