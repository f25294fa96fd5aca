/** What the lines in front of columns with names begin with, of W3C's extended log format and of Zeek. */
const DIRECTIVE =
  /^#(?:(?:Software|Version|Date|(?:Start|End)-Date|Remark|Fields): |(?:separator|set_separator|empty_field|unset_field|path|open|close|fields|types)\t)/;

/** Whether a line says how the lines behind it are to be read, or since when: a line of its own, without a time in front. */
export function isDirective(line: string): boolean {
  return DIRECTIVE.test(line);
}
