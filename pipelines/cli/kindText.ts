import type { DataKind } from './kindOfData.js';

/** What a stream is that is not text, and how it is read. */
export function kindText({ what, reader, instead }: DataKind): string {
  if (reader !== undefined) return `${what}: ${reader} FILE | … reads it`;
  return instead === undefined ? what : `${what}: ${instead}`;
}
