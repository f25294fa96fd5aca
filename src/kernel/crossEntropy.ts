import type { Numbers } from '../types.js';
import { exp } from './exp.js';
import { log } from './log.js';

/** With m the row's largest logit: loss = log Σ exp(x − m) + m − x[target], and dx = exp(x − m) / Σ − onehot. */
export function crossEntropy(
  dx: Numbers,
  x: Numbers,
  targets: Int32Array,
  mask: Uint8Array | undefined,
  rows: number,
  width: number,
): number {
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const row = r * width;
    if (mask !== undefined && mask[r] === 0) {
      dx.fill(0, row, row + width);
      continue;
    }
    const target = row + targets[r]!;
    let largest = x[row]!;
    for (let i = row + 1; i < row + width; i++) if (x[i]! > largest) largest = x[i]!;
    let sum = 0;
    for (let i = row; i < row + width; i++) {
      const e = exp(x[i]! - largest);
      dx[i] = e;
      sum += e;
    }
    for (let i = row; i < row + width; i++) dx[i]! /= sum;
    dx[target]! -= 1;
    total += log(sum) - (x[target]! - largest);
  }
  return total;
}
