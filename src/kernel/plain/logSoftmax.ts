import type { Numbers } from '../../types.js';
import { exp } from '../math/exp.js';
import { log } from '../math/log.js';
import { largest } from './softmaxRow.js';

/** With m the row's largest number: y = x − m − log Σ exp(x − m). */
export function logSoftmax(y: Numbers, rows: number, width: number): void {
  for (let r = 0; r < rows; r++) {
    const row = r * width;
    const m = largest(y, row, width);
    let sum = 0;
    for (let i = row; i < row + width; i++) sum += exp(y[i]! - m);
    const logSum = log(sum);
    for (let i = row; i < row + width; i++) y[i] = y[i]! - m - logSum;
  }
}

/** With `y = logSoftmax(x)`: dx = dy − exp(y) Σ dy. */
export function logSoftmaxBack(dy: Numbers, y: Numbers, rows: number, width: number): void {
  for (let r = 0; r < rows; r++) {
    const row = r * width;
    let sum = 0;
    for (let i = row; i < row + width; i++) sum += dy[i]!;
    for (let i = row; i < row + width; i++) dy[i]! -= exp(y[i]!) * sum;
  }
}
