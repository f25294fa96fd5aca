/** The place of the quote that closes the JSON text opened at a place, or -1 where none does. */
export function endOfText(text: string, opened: number): number {
  for (let at = text.indexOf('"', opened + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let first = at; // of the backslashes before it: an even number are characters, an odd one escapes the quote
    while (text.charCodeAt(first - 1) === BACKSLASH) first--;
    if ((at - first) % 2 === 0) return at;
  }
  return -1;
}

const BACKSLASH = 0x5c;
