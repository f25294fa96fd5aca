import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { showName } from '../check/showName.js';
import { checkBeginning, readSafetensors, type SafetensorsFile } from '../format/readSafetensors.js';
import { safetensors } from '../format/safetensors.js';
import type { Tensors } from '../types.js';

/** The beginning of a sealed file's header, before the digest. */
const SEAL_BEGIN = '{"__metadata__":{"sha256":"';
/** The beginning of a model file's header. */
const MODEL_BEGIN = '{"__metadata__":{"format":"rxrnn"';
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
 * Reads the bytes of a file that `seal` made, all numbers finite. Bytes that differ from what was written are refused by a
 * RangeError before they are parsed, or by a `SafetensorsError` where there are too few or they begin otherwise.
 */
export function unseal(bytes: Uint8Array): SafetensorsFile {
  checkBeginning(bytes.subarray(0, 9), bytes.length);
  const begin = Buffer.from(bytes.subarray(8, 8 + MODEL_BEGIN.length)).toString();
  if (!begin.startsWith(SEAL_BEGIN)) {
    const hint = begin === MODEL_BEGIN ? '; loadModel reads model files' : '';
    throw new RangeError(`the file does not begin with its sha256: it is not a checkpoint${hint}`);
  }
  const digest = createHash('sha256')
    .update(bytes.subarray(0, SEAL_AT))
    .update(UNSEALED)
    .update(bytes.subarray(SEAL_AT + UNSEALED.length))
    .digest('hex');
  const said = Buffer.from(bytes.subarray(SEAL_AT, SEAL_AT + UNSEALED.length)).toString();
  if (said !== digest) {
    throw new RangeError(`the sha256 of the file is ${digest}, it says ${showName(said)}: it was damaged`);
  }
  return readSafetensors(bytes, { finite: true });
}
