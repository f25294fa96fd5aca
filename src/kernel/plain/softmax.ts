import type { Numbers } from '../../types.js';
import { largest, softmaxRow } from './softmaxRow.js';

export function softmax(y: Numbers, rows: number, width: number): void {
  for (let r = 0; r < rows; r++) softmaxRow(y, y, r * width, width, largest(y, r * width, width));
}

/** With `y = softmax(x)`: dx = y (dy − Σ dy y). */
export function softmaxBack(dy: Numbers, y: Numbers, rows: number, width: number): void {
  for (let r = 0; r < rows; r++) {
    const row = r * width;
    let mean = 0;
    for (let i = row; i < row + width; i++) mean += dy[i]! * y[i]!;
    for (let i = row; i < row + width; i++) dy[i] = y[i]! * (dy[i]! - mean);
  }
}
