const [FIRST, LAST] = [0x20, 0x7e]; // of the characters of ASCII that are printed

/** The symbol of models of text for all others. */
export const OTHER = '\uFFFD';

/** The symbols of a keyboard: tab, line end, and what ASCII prints. */
export function keyboardSymbols(): string[] {
  return ['\t', '\n', ...Array.from({ length: LAST - FIRST + 1 }, (_, i) => String.fromCharCode(FIRST + i))];
}
