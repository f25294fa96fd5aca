import { fnv1a } from './fnv1a.js';

/** A hash of 24 bits of a text, from 0 up. */
export function hashOf(text: string): number {
  return fnv1a(text) >>> 8;
}
