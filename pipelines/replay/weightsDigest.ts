import { createHash } from 'node:crypto';
import { type Model, stateDict } from '../../src/index.js';

/** Computes the SHA-256 of a model's parameters: their names, and their numbers as little-endian bytes. */
export function weightsDigest(model: Model): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of stateDict(model)) {
    hash.update(name);
    const bytes = new DataView(new ArrayBuffer(data.byteLength));
    const size = data.BYTES_PER_ELEMENT;
    for (const [i, x] of data.entries()) {
      if (size === 4) bytes.setFloat32(i * size, x, true);
      else bytes.setFloat64(i * size, x, true);
    }
    hash.update(bytes);
  }
  return hash.digest('hex');
}
