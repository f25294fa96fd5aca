import type { Numbers } from '../../types.js';

export function setRows(y: Numbers, bias: Numbers | undefined, rows: number, width: number): void {
  if (bias === undefined) {
    y.fill(0, 0, rows * width);
    return;
  }
  for (let r = 0; r < rows; r++) y.set(bias, r * width);
}

export function addRows(y: Numbers, bias: Numbers, rows: number, width: number): void {
  for (let r = 0, i = 0; r < rows; r++) {
    for (let n = 0; n < width; n++, i++) y[i]! += bias[n]!;
  }
}

export function sumRows(sum: Numbers, y: Numbers, rows: number, width: number): void {
  for (let r = 0, i = 0; r < rows; r++) {
    for (let n = 0; n < width; n++, i++) sum[n]! += y[i]!;
  }
}
