import type { Buffer } from 'node:buffer';
import { closeSync, readFileSync } from 'node:fs';
import { openRegularFile } from './openRegularFile.js';

/** Reads a regular file of at most `most` bytes; an Error for anything else, before it is read. */
export function readRegularFile(path: string, most: number): Buffer {
  const { descriptor, size } = openRegularFile(path);
  try {
    if (size > most) throw new Error(`it has ${size} bytes, expected at most ${most}`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
