import type { KV } from '@nats-io/kv';
import type { States } from '../bus/bus.js';
import { checkEntry } from '../bus/checkEntry.js';
import { setValue } from './setValue.js';

/** States of a bus in a key-value bucket: `p<partition>.<name>`, changed by compare-and-set of the server's revision. */
export function bucketStates(bucket: KV, maxBytes: number): States {
  return {
    get: (partition, names) =>
      Promise.all(
        names.map(async (name) => {
          const entry = await bucket.get(`p${partition}.${name}`);
          return entry && entry.operation === 'PUT' ? { data: entry.value, revision: entry.revision } : undefined;
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
