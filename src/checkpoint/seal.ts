import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Tensors } from '../types.js';
import { safetensors } from '../format/safetensors.js';
import { SEAL_AT, SEAL_BEGIN, UNSEALED } from './unseal.js';

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
