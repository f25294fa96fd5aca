import { parseJson } from '../check/parseJson.js';
import { reasonOf } from '../check/reasonOf.js';
import type { Schema } from '../check/schema.js';

/**
 * Decodes what a worker keeps on the bus as JSON; an Error that says what it is of, such as `the cursor of partition 3`,
 * where another program or another version wrote it.
 */
export function keptJson<T>(schema: Schema<T>, data: Uint8Array, what: string): T {
  try {
    return schema(parseJson('it', new TextDecoder('utf-8', { fatal: true }).decode(data)), 'it');
  } catch (cause) {
    throw new Error(`${what} is not one that a worker of this version wrote: ${reasonOf(cause)}`, { cause });
  }
}
