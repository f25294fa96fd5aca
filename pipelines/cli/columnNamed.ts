/** The column of a header that a person has named, blanks around both names aside; undefined where there is none. */
export function columnNamed(header: readonly string[], name: string): string | undefined {
  return header.find((column) => column === name) ?? header.find((column) => column.trim() === name.trim());
}
