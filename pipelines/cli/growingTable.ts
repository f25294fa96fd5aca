/** A table that is printed row by row. */
export interface GrowingTable {
  /** The line of titles. */
  readonly head: string;
  /** The line of a row, a cell for each title. */
  row(...cells: readonly (string | number)[]): string;
}

/**
 * Makes a table of columns by title, each at least as wide as its title: `{ sums: 5, answer: -8 }` has one of 5 characters
 * with what it says at the right, as numbers are read, and one of 8 with it at the left.
 */
export function growingTable(columns: Readonly<Record<string, number>>): GrowingTable {
  const widths = Object.entries(columns);
  function row(...cells: readonly (string | number)[]): string {
    const padded = widths.map(([title, width], i) => {
      const [cell, least] = [String(cells[i] ?? ''), Math.max(Math.abs(width), title.length)];
      return width > 0 ? cell.padStart(least) : cell.padEnd(least);
    });
    return padded.join('  ').trimEnd();
  }
  return { head: row(...Object.keys(columns)), row };
}
