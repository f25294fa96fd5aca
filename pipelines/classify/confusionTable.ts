import { visible } from '../../src/index.js';

/** The most labels of a table; with more there is none. */
const MOST = 12;

/** A table of how often each label (rows) was taken for each other (columns). */
export function confusionTable(labels: readonly string[], pairs: readonly (readonly [string, string])[]): string {
  if (labels.length > MOST) return '';
  const short = labels.map((label) => visible(label, { most: 12 }));
  const counts = labels.map((label) =>
    labels.map((other) => pairs.filter(([right, given]) => right === label && given === other).length),
  );
  const width = Math.max(5, ...short.map(({ length }) => length), ...counts.flat().map((n) => String(n).length));
  const row = (name: string, cells: readonly (string | number)[]): string =>
    `  ${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(width + 2)).join('')}`;
  return [row('', short), ...counts.map((cells, i) => row(short[i]!, cells))].join('\n');
}
