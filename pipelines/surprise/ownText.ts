/** Copies the beginning of a text, so many UTF-16 units of it: a part that is cut off by `slice` keeps all of it in memory. */
export function ownText(text: string, most: number): string {
  return Buffer.from(text.slice(0, most), 'utf16le').toString('utf16le');
}
