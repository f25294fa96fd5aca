import { closeSync, readFileSync, readSync } from 'node:fs';
import { checkBeginning } from '../format/readSafetensors.js';
import { openRegularFile } from './openRegularFile.js';

/**
 * Reads the bytes of a safetensors file: a regular file whose first bytes are those of one. Anything else is an error
 * before it is read.
 */
export function readTensorFile(path: string): Uint8Array {
  const { descriptor, size } = openRegularFile(path);
  try {
    const first = new Uint8Array(Math.min(size, 9));
    checkBeginning(first.subarray(0, readSync(descriptor, first, 0, first.length, 0)), size);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
