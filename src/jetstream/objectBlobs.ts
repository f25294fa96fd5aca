import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { ObjectInfo, ObjectStore } from '@nats-io/obj';
import type { Blobs } from '../bus/bus.js';
import { visible } from '../check/visible.js';
import { patiently } from './patiently.js';

/** The largest blob, in bytes: 2 GiB less 1. */
const LARGEST = 2 ** 31 - 1;
/** Milliseconds until the next part of a blob: the store waits for ever for one that does not come. */
const ANSWER = 10_000;

/** A blob that is not there, or not as it was stored: another attempt gives the same. */
class BlobLost extends Error {}

/** Where the blobs are, and how a read of one waits for the server. */
export interface ObjectBlobsOptions {
  readonly manager: JetStreamManager;
  /** The name of the bucket. */
  readonly bucket: string;
  /** What messages call the bus. */
  readonly address: string;
  /** Milliseconds for which a read that the server does not end is tried again. */
  readonly patience: number;
  /** Whether no answer can come any more. */
  readonly isClosed: () => boolean;
}

/** Blobs of a bus in an object store, each under its SHA-256. */
export function objectBlobs(
  store: ObjectStore,
  { manager, bucket, address, patience, isClosed }: ObjectBlobsOptions,
): Blobs {
  const hashOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

  async function read(hash: string): Promise<Uint8Array> {
    const found = await store.info(hash);
    const what = `bytes with the SHA-256 ${visible(hash)}`;
    if (!found || found.deleted) throw new BlobLost(`${address} has no ${what}`);
    const damaged = new BlobLost(`${address}: the ${what} were damaged`);
    if (found.options?.link || !(found.size <= LARGEST)) throw damaged;
    const { data, filled = 0 } = (await readBlob(store, hash, found.size)) ?? {};
    if (!data) throw damaged;
    if (filled < found.size) {
      const part = `${address}: only ${filled} of ${found.size} ${what} came from the server`;
      const there = await partsOf(found); // a server that is away is the error
      if (there < found.chunks)
        throw new BlobLost(`${part}: of its ${found.chunks} parts ${there} are there, the others were deleted`);
      const hint = 'where its log says "Slow Consumer", its max_pending is too small';
      throw new Error(`${part}, which has all of them: the connection was cut, or the server is slow; ${hint}`);
    }
    if (hashOf(data) !== hash) throw damaged;
    return data;
  }
  /** How many parts of a blob the server has. */
  async function partsOf({ nuid }: ObjectInfo): Promise<number> {
    const subject = `$O.${bucket}.C.${nuid}`;
    const { state } = await manager.streams.info(`OBJ_${bucket}`, { subjects_filter: subject });
    return state.subjects?.[subject] ?? 0;
  }

  return {
    async put(data) {
      const hash = hashOf(data);
      const found = await store.info(hash);
      if (!found || found.deleted || found.size !== data.length) await store.putBlob({ name: hash }, data);
      return hash;
    },
    get(hash) {
      const final = (error: unknown): boolean => error instanceof BlobLost || isClosed();
      return patiently(() => read(hash), { milliseconds: patience, final });
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
