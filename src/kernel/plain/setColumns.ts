import type { Numbers } from '../../types.js';

export function setColumns(
  y: Numbers,
  yWidth: number,
  yColumn: number,
  x: Numbers,
  xWidth: number,
  xColumn: number,
  rows: number,
  columns: number,
): void {
  for (let r = 0; r < rows; r++) {
    const to = r * yWidth + yColumn;
    const from = r * xWidth + xColumn;
    for (let n = 0; n < columns; n++) y[to + n] = x[from + n]!;
  }
}
