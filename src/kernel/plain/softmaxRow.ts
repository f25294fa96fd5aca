import type { Numbers } from '../../types.js';
import { exp } from '../math/exp.js';
import { log } from '../math/log.js';

/** `p = exp(x − m) / Σ exp(x − m)` over the row that starts at `row`; `p` may be `x`. Returns log Σ exp(x − m). */
export function softmaxRow(p: Numbers, x: Numbers, row: number, width: number, m: number): number {
  let sum = 0;
  for (let i = row; i < row + width; i++) {
    const e = exp(x[i]! - m);
    p[i] = e;
    sum += e;
  }
  for (let i = row; i < row + width; i++) p[i]! /= sum;
  return log(sum);
}

/** The largest number of a row. */
export function largest(x: Numbers, row: number, width: number): number {
  let m = x[row]!;
  for (let i = row + 1; i < row + width; i++) if (x[i]! > m) m = x[i]!;
  return m;
}
