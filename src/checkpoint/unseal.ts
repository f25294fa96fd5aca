import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { showNames } from '../check/showNames.js';
import { readSafetensors, type SafetensorsFile } from '../format/readSafetensors.js';

/** The beginning of a sealed file's header, before the digest. */
export const SEAL_BEGIN = '{"__metadata__":{"sha256":"';
/** The place of the digest, in bytes. */
export const SEAL_AT: number = 8 + SEAL_BEGIN.length;
/** What the digest is computed with in its place. */
export const UNSEALED: string = '0'.repeat(64);

/**
 * Reads the bytes of a file that `seal` made, all numbers finite. Whatever is not byte for byte what was written is
 * refused: by a `SafetensorsError` where it is malformed, else by a RangeError.
 */
export function unseal(bytes: Uint8Array): SafetensorsFile {
  const { tensors, metadata } = readSafetensors(bytes, { finite: true });
  const begin = Buffer.from(bytes.buffer, bytes.byteOffset + 8, SEAL_BEGIN.length).toString();
  if (begin !== SEAL_BEGIN) throw new RangeError('the file does not begin with its sha256: it is not a checkpoint');
  const digest = createHash('sha256')
    .update(bytes.subarray(0, SEAL_AT))
    .update(UNSEALED)
    .update(bytes.subarray(SEAL_AT + UNSEALED.length))
    .digest('hex');
  if (metadata.get('sha256') !== digest) {
    throw new RangeError(
      `the sha256 of the file is ${digest}, it says ${showNames(metadata.get('sha256') ?? 'none')}: it was damaged`,
    );
  }
  return { tensors, metadata };
}
