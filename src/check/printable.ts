/**
 * Escapes control characters, and those that reverse the direction of text, as `\u001b`: what comes from outside (file
 * names, symbols, titles) then cannot steer a terminal. JSON leaves the C1 controls as they are, and a terminal obeys
 * them.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}
