import type { KV } from '@nats-io/kv';
import { isRefused } from './isRefused.js';

/** Sets a value of a bucket that has this revision, 0 for none; `undefined` where it has another one. */
export async function setValue(
  bucket: KV,
  name: string,
  data: Uint8Array,
  revision: number,
): Promise<number | undefined> {
  try {
    return revision === 0 ? await bucket.create(name, data) : await bucket.update(name, data, revision);
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw error;
  }
}
