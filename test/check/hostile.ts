// Texts that try to steer the terminal that shows them, and what tells whether one still does.
import * as fc from 'fast-check';

const SEQUENCES = [
  '\u001b[31m', '\u001b[2J\u001b[H', '\u001b[1A\u001b[2K', '\u001b]0;title\u0007', '\u001b]52;c;cm0gLXJmIC8=\u0007',
  '\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', '\u001bP1$r\u001b\\', '\u001bc', '\u001b(0', '\u009b31m', '\u009d0;x\u009c', '\u0090q',
  '\r', '\b\b\b', '\u0007', '\u000e', '\u000f', '\u0000', '\u007f', '\u0085', '\f', '\v', '\n', '\t', '\u2028', '\u2029', '\u202e', '\u202d',
  '\u2066', '\u2069', '\u200e', '\u200f', '\u061c', '\u200b', '\ufeff', '\u{e0001}', '\ud800', '\udc00',
]; // prettier-ignore

/** Sequences that steer, among ordinary text and any characters at all. */
export const hostile: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...SEQUENCES) },
      { weight: 1, arbitrary: fc.constantFrom('abc', 'é', '世', '😀', ' ', '0', '[', ';', 'm') },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x9f }).map((unit) => String.fromCharCode(unit)) },
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));

/** Whether a text holds a control character, a mark of direction or a separator of lines, other than those `allowed`. */
export function steers(text: string, allowed = ''): boolean {
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (allowed.includes(character)) continue;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return true;
    if (code === 0x2028 || code === 0x2029 || code === 0x61c || code === 0x200e || code === 0x200f) return true;
    if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) return true;
  }
  return false;
}
