import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { listNames } from '../check/listNames.js';
import { readSafetensors, type SafetensorsFile } from '../format/readSafetensors.js';
import { safetensors } from '../format/safetensors.js';
import type { Tensors } from '../types.js';

/** The beginning of a sealed file's header, before the digest. */
const SEAL_BEGIN = '{"__metadata__":{"sha256":"';
/** The place of the digest, in bytes. */
const SEAL_AT: number = 8 + SEAL_BEGIN.length;
/** What the digest is computed with in its place. */
const UNSEALED: string = '0'.repeat(64);

/**
 * Encodes a safetensors file that carries its own SHA-256 as the first text of its metadata: the digest of the file with
 * 64 zeros in the place of the digest. `unseal` reads it.
 */
export function seal(tensors: Tensors, texts: Readonly<Record<string, string>>): Uint8Array {
  const file = safetensors(tensors, { sha256: UNSEALED, ...texts });
  const header = Buffer.from(file.buffer, 8, SEAL_BEGIN.length).toString();
  if (header !== SEAL_BEGIN) throw new Error(`seal: the header begins with ${header}`);
  file.set(Buffer.from(createHash('sha256').update(file).digest('hex')), SEAL_AT);
  return file;
}

/**
 * Reads the bytes of a file that `seal` made, all numbers finite. Bytes that differ from what was written are refused:
 * by a `SafetensorsError` where they are malformed, else by a RangeError.
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
      `the sha256 of the file is ${digest}, it says ${listNames([metadata.get('sha256') ?? 'none'])}: it was damaged`,
    );
  }
  return { tensors, metadata };
}
