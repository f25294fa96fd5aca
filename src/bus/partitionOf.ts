import { Buffer } from 'node:buffer';
import { positiveInteger } from '../check/positiveInteger.js';
import { string } from '../check/string.js';

/** The most partitions of a bus: each has a lease that is renewed, and a reader. */
export const MOST_PARTITIONS = 65_536;

/**
 * The partition of a key: the 32-bit FNV-1a hash of its UTF-8, mixed by the finalizer of MurmurHash3, modulo the
 * number of partitions. Any producer computes the same.
 *
 * FNV-1a: Fowler, Noll and Vo, RFC 9923; its low bits alone spread short keys badly over powers of two.
 */
export function partitionOf(key: string, partitions: number): number {
  string('partitionOf', 'key', key);
  positiveInteger('partitionOf', 'partitions', partitions);
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % partitions;
}
