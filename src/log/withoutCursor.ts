const OF_ENTRY = /"(?:__CURSOR|__MONOTONIC_TIMESTAMP)" ?: ?"[^"]{0,400}"/g;

/** A line without what is new in each entry of journald: with spaces in place of its cursor and monotonic time. */
export function withoutCursor(line: string): string {
  return line.includes('"__CURSOR"') ? line.replaceAll(OF_ENTRY, (found) => ' '.repeat(found.length)) : line;
}
