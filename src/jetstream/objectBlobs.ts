import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { ObjectStore } from '@nats-io/obj';
import type { Blobs } from '../bus/bus.js';
import { visible } from '../check/visible.js';

/** The largest blob, in bytes: 2 GiB less 1. */
const LARGEST = 2 ** 31 - 1;
/** Milliseconds until the next part of a blob: the store waits for ever for one that was deleted. */
const ANSWER = 10_000;

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
      const found = await store.info(hash);
      if (!found || found.deleted) throw new Error(`${address} has no bytes with the SHA-256 ${visible(hash)}`);
      const what = `the bytes with the SHA-256 ${visible(hash)}`;
      const read =
        found.options?.link || !(found.size <= LARGEST) ? undefined : await readBlob(store, hash, found.size);
      if (read && read.filled < found.size) {
        const advice = 'the others were deleted, or, where its log says "Slow Consumer", its max_pending is too small';
        throw new Error(`${address}: only ${read.filled} of ${found.size} of ${what} came from the server: ${advice}`);
      }
      if (read && hashOf(read.data) === hash) return read.data;
      throw new Error(`${address}: ${what} were damaged`);
    },
    async remove(hash) {
      const found = await store.info(hash);
      if (found && !found.deleted) await store.delete(hash);
    },
  };
}

/** Reads up to so many bytes, fewer where a part does not come; `undefined` where there are more, or they are damaged. */
async function readBlob(
  store: ObjectStore,
  name: string,
  size: number,
): Promise<{ readonly data: Uint8Array; readonly filled: number } | undefined> {
  const found = await store.get(name);
  if (!found) return undefined;
  found.error.catch(() => undefined); // the stream has the same error
  const parts = found.data.getReader();
  const data = new Uint8Array(size);
  let filled = 0;
  try {
    for (;;) {
      const stop = new AbortController();
      const late = setTimeout(ANSWER, undefined, { signal: stop.signal }).catch(() => undefined);
      const part = await Promise.race([parts.read(), late]).finally(() => stop.abort());
      if (part === undefined || part.done) return { data, filled };
      if (filled + part.value.length > size) return undefined;
      data.set(part.value, filled);
      filled += part.value.length;
    }
  } catch (error) {
    if (/corrupt object/.test((error as Error).message)) return undefined;
    throw error;
  } finally {
    await parts.cancel().catch(() => undefined);
  }
}
