/** The first characters (code points) of a text, so many of them at most; the rest is not walked through. */
export function firstCharacters(text: string, most: number): string[] {
  return Array.from(text.slice(0, 2 * most)).slice(0, most);
}
