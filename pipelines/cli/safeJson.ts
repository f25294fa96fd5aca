/**
 * Writes JSON that steers no terminal: controls and characters without width are escaped, which changes nothing for a parser.
 * `replacer` is that of `JSON.stringify`.
 */
export function safeJson(value: object, replacer?: (key: string, value: unknown) => unknown): string {
  return JSON.stringify(value, replacer).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, i) => {
      return `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}
