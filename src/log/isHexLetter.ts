/** Whether a code is a letter of hexadecimal numbers. */
export function isHexLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 102 && code >= 65;
}
