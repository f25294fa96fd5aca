import { createHash } from 'node:crypto';
import type { ObjectStore } from '@nats-io/obj';
import type { Blobs } from '../bus/bus.js';
import { visible } from '../check/visible.js';

/** Blobs of a bus in an object store, each under its SHA-256; `address` is what messages call the bus. */
export function objectBlobs(store: ObjectStore, address: string): Blobs {
  const hashOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
  return {
    async put(data) {
      const hash = hashOf(data);
      const found = await store.info(hash);
      if (!found || found.deleted || found.size !== data.length) await store.putBlob({ name: hash }, data);
      return hash;
    },
    async get(hash) {
      const data = await store.getBlob(hash);
      if (!data) throw new Error(`${address} has no bytes with the SHA-256 ${visible(hash)}`);
      if (hashOf(data) === hash) return data;
      throw new Error(`${address}: the bytes with the SHA-256 ${visible(hash)} were damaged`);
    },
    async remove(hash) {
      const found = await store.info(hash);
      if (found && !found.deleted) await store.delete(hash);
    },
  };
}
