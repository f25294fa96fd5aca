import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** How a CSV file begins. */
export interface CsvHead {
  /** The character between fields: a semicolon or a tab where the header has no comma and one of those. */
  readonly delimiter: ',' | ';' | '\t';
  /** The names of the columns, and the cells of the first row. */
  readonly names: readonly string[];
  readonly first: readonly string[];
}

const MOST = 65_536; // bytes

/** Looks at the header of a CSV file and at its first row; of what is not a regular file nothing is known. */
export function csvHead(path: string): CsvHead {
  const none = { delimiter: ',', names: [], first: [] } as const;
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return none; // a pipe is read once
  const bytes = Buffer.alloc(MOST);
  const file = openSync(path, 'r');
  const length = readSync(file, bytes, 0, MOST, 0);
  closeSync(file);
  const text = bytes.toString('utf8', 0, length).replace(/^\ufeff/, '');
  const [header = '', row = ''] = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  const bare = header.replaceAll(/"(?:[^"]|"")*"/g, '');
  const delimiter = bare.includes(',') ? ',' : bare.includes(';') ? ';' : bare.includes('\t') ? '\t' : ',';
  return { delimiter, names: cellsOf(header, delimiter), first: cellsOf(row, delimiter) };
}

function cellsOf(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const symbol = line[i]!;
    if (symbol === '"') {
      if (!quoted && i > 0 && line[i - 1] === '"') cell += '"';
      quoted = !quoted;
    } else if (symbol === delimiter && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += symbol;
  }
  return line === '' ? [] : [...cells, cell];
}
