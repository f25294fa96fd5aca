import { Buffer } from 'node:buffer';
import { closeSync, existsSync, readSync } from 'node:fs';
import { reasonOf } from '../check/reasonOf.js';
import { visible } from '../check/visible.js';
import { openRegularFile } from '../checkpoint/openRegularFile.js';
import { readRegularFile } from '../checkpoint/readRegularFile.js';
import { type Batch, decodeBatch, LARGEST_BATCH, NotWhole } from './encodeBatch.js';
import { goOn, LOST } from './goOn.js';
import { isGone } from './isGone.js';
import { plainBytes } from './plainBytes.js';

/**
 * Reads a batch; `undefined` where there is no such file, `LOST` where somebody has given it up, an Error where it is
 * damaged.
 */
export function readBatch(path: string): Batch | typeof LOST | undefined {
  if (!existsSync(path)) return undefined; // what is usual, without the cost of an error
  try {
    const bytes = readRegularFile(path, LARGEST_BATCH);
    if (bytes.length <= LOST.length + 2 && bytes.toString('latin1').trim() === LOST) return LOST;
    return decodeBatch(path, bytes);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw unreadable(path, error);
  }
}

/** Reads a part of a batch, as its entries say where it is; `undefined` where the file is gone. */
export function readAt(path: string, offset: number, length: number): Uint8Array | undefined {
  let file: number;
  try {
    file = openRegularFile(path).descriptor;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw unreadable(path, error);
  }
  try {
    const bytes = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length;) {
      const more = readSync(file, bytes, filled, length - filled, offset + filled);
      if (more === 0) throw unreadable(path, new NotWhole());
      filled += more;
    }
    return plainBytes(bytes);
  } finally {
    closeSync(file);
  }
}

/** Says what cannot be read, and why; a device, a pipe or a folder in the place of a batch is not even opened. */
export function unreadable(path: string, cause: unknown): Error {
  const hint = 'power was lost before it was on the disk, or the disk is damaged; what it held is lost';
  const reason =
    cause instanceof NotWhole
      ? `is not a whole batch: ${hint}; ${goOn(path)}`
      : `cannot be read as a batch: ${reasonOf(cause)}`;
  return new Error(`fileBus: ${visible(path)} ${reason}`, { cause });
}
