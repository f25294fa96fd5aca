import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { refuse } from '../check/refuse.js';
import { string } from '../check/string.js';

/** Keys of more bytes than this are named by their hash: subjects are short on every engine. */
const MOST = 96;
/** The longest key, in bytes: frames count them in 16 bits. */
const LONGEST = 0xffff;

/**
 * Encodes a key as a subject of letters, digits, `-` and `_`, so that dots, stars, spaces or emoji in it mean nothing
 * to the engine: `k` and base64url of its UTF-8, or `h` and base64url of the SHA-256 where it has more than 96 bytes.
 *
 * A RangeError for a text with half a surrogate pair, which UTF-8 cannot write: two such keys would be one; and for a
 * key of more than 65,535 bytes.
 */
export function keySubject(key: string): string {
  string('keySubject', 'key', key);
  if (/\p{Cs}/u.test(key)) refuse('keySubject', 'key', 'a text without halves of surrogate pairs', key, 'string');
  const bytes = Buffer.from(key);
  if (bytes.length > LONGEST) throw new RangeError(`keySubject: key has ${bytes.length} bytes, at most ${LONGEST}`);
  if (bytes.length <= MOST) return `k${bytes.toString('base64url')}`;
  return `h${createHash('sha256').update(bytes).digest('base64url')}`;
}

/** The key of a subject; `undefined` where the subject has only its hash. */
export function subjectKey(subject: string): string | undefined {
  return subject.startsWith('k') ? Buffer.from(subject.slice(1), 'base64url').toString() : undefined;
}
