import { fold } from './fold.js';

/** Columns that a text beside its name must have; with fewer it stands below. */
const LEAST = 28;
/** Spaces before a text below its name. */
const INDENT = 6;

/**
 * A table of names with a text each, for a terminal of so many columns (`Infinity` where there is none): a text that is too
 * long goes on in its column, and on narrow terminals it stands below its name.
 */
export function helpTable(rows: readonly (readonly [name: string, text: string])[], columns: number): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 3;
  const beside = columns - width >= LEAST;
  const room = columns - (beside ? width : INDENT);
  return rows
    .flatMap(([name, text]) => {
      const lines = fold(text, room);
      if (beside) return lines.map((line, i) => (i === 0 ? name : '').padEnd(width) + line);
      return [...(name === '' ? [] : [name]), ...lines.map((line) => ' '.repeat(INDENT) + line)];
    })
    .join('\n');
}
