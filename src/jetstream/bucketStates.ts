import type { KV } from '@nats-io/kv';
import type { States } from '../bus/bus.js';
import { checkEntry } from '../bus/checkEntry.js';
import { plainBytes } from '../bus/plainBytes.js';
import { setValue } from './setValue.js';

/** States of a bus in a key-value bucket: `p<partition>.<name>`, changed by compare-and-set of the server's revision. */
export function bucketStates(bucket: KV, maxBytes: number): States {
  return {
    get: (partition, names) =>
      Promise.all(
        names.map(async (name) => {
          const entry = await bucket.get(`p${partition}.${name}`);
          if (entry?.operation !== 'PUT') return undefined;
          return { data: plainBytes(entry.value), revision: entry.revision };
        }),
      ),
    async update(partition, changes) {
      for (const { name, data } of changes) checkEntry(name, data, maxBytes);
      return Promise.all(
        changes.map(({ name, data, revision }) => setValue(bucket, `p${partition}.${name}`, data, revision)),
      );
    },
  };
}
