import { createHash } from 'node:crypto';
import { hostname } from 'node:os';

let own: string | undefined;

/** Nine digits that stand for this machine's name: of a folder that machines share, each knows its own temporary files. */
export function hostNumber(): string {
  own ??= String(100_000_000 + (createHash('sha256').update(hostname()).digest().readUInt32BE(0) % 900_000_000));
  return own;
}
