import type { Buffer } from 'node:buffer';
import { sequence } from './utf8.js';

/** Decodes UTF-8 and keeps each byte of an invalid sequence as a lone surrogate, U+DC80 to U+DCFF. */
export function keepInvalid(bytes: Buffer): string {
  let text = '';
  let from = 0; // of the valid bytes
  for (let i = 0; i < bytes.length;) {
    const length = sequence(bytes, i);
    if (length > 0) {
      i += length;
      continue;
    }
    text += bytes.toString('utf8', from, i);
    for (const end = i - length; i < end; i++) text += String.fromCharCode(0xdc00 + bytes[i]!);
    from = i;
  }
  return text + bytes.toString('utf8', from);
}
