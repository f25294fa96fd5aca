import { createHash } from 'node:crypto';
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../check/reasonOf.js';
import { visible } from '../check/visible.js';
import { readRegularFile } from '../checkpoint/readRegularFile.js';
import { writeFileAtomic } from '../checkpoint/writeFileAtomic.js';
import type { Blobs } from './bus.js';
import { plainBytes } from './plainBytes.js';

/** The largest blob, in bytes: what Node reads of a file at once. */
const LARGEST_BLOB = 2 ** 31 - 1;

/** Makes the blobs of a bus in a folder: files named after the SHA-256 of their bytes. */
export function fileBlobs(folder: string): Blobs {
  const pathOf = (hash: string): string => {
    if (!/^[\da-f]{64}$/.test(hash))
      throw new RangeError(`fileBus: a hash has 64 hexadecimal digits, got ${visible(hash)}`);
    return join(folder, 'blobs', hash);
  };

  return {
    async put(data) {
      const hash = createHash('sha256').update(data).digest('hex');
      if (data.length > LARGEST_BLOB) {
        throw new RangeError(`fileBus: a blob has ${data.length} bytes, at most ${LARGEST_BLOB}`);
      }
      if (statSync(pathOf(hash), { throwIfNoEntry: false })?.size !== data.length) {
        writeFileAtomic(pathOf(hash), data, 'fileBus');
      }
      return hash;
    },
    async get(hash) {
      if (!existsSync(pathOf(hash)))
        throw new Error(`fileBus: ${visible(folder)} has no bytes with the SHA-256 ${hash}`);
      const data = readBlob(pathOf(hash));
      if (createHash('sha256').update(data).digest('hex') === hash) return data;
      throw new Error(`fileBus: ${visible(pathOf(hash))} was damaged: its SHA-256 is another one`);
    },
    remove: async (hash) => rmSync(pathOf(hash), { force: true }),
  };
}

function readBlob(path: string): Uint8Array {
  try {
    return plainBytes(readRegularFile(path, LARGEST_BLOB));
  } catch (cause) {
    throw new Error(`fileBus: ${visible(path)} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}
