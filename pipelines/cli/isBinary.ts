const ESC = 27; // of colours
const INVALID = 0xfffd; // in place of bytes that are not UTF-8

/** Whether a text hardly has a character, by its code: a control, or what is in place of bytes that are not UTF-8. */
export function isBinary(code: number): boolean {
  return code < 9 || (code > 13 && code < 32 && code !== ESC) || code === 127 || code === INVALID;
}
