// Element by element: sums and columns of rows, factors, norms.
import type { Numbers } from '../../types.js';
import { exp } from '../math/exp.js';
import { log } from '../math/log.js';

export function accumulate(y: Numbers, x: Numbers, length: number): void {
  for (let i = 0; i < length; i++) y[i]! += x[i]!;
}

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

export function multiplyElementwise(y: Numbers, x: Numbers, factors: Numbers, length: number): void {
  for (let i = 0; i < length; i++) y[i] = x[i]! * factors[i]!;
}

export function norm(x: Numbers, length: number, type = 2): number {
  let sum = 0;
  switch (type) {
    case 2:
      for (let i = 0; i < length; i++) sum += x[i]! * x[i]!;
      return Math.sqrt(sum);
    case 1:
      for (let i = 0; i < length; i++) sum += Math.abs(x[i]!);
      return sum;
    case Infinity:
      return largest(x, length);
    default:
      return powerNorm(x, length, type);
  }
}

/** The largest `|x|`; NaN where there is one. */
function largest(x: Numbers, length: number): number {
  let most = 0;
  for (let i = 0; i < length; i++) if (!(Math.abs(x[i]!) <= most) && !Number.isNaN(most)) most = Math.abs(x[i]!);
  return most;
}

/** `(Σ |x|^p)^(1/p)`, in units of the largest `|x|`, so that no power is beyond the numbers. */
function powerNorm(x: Numbers, length: number, p: number): number {
  const unit = largest(x, length);
  if (!(unit > 0 && unit < Infinity)) return unit;
  let sum = 0;
  for (let i = 0; i < length; i++) if (x[i] !== 0) sum += exp(p * log(Math.abs(x[i]!) / unit));
  return unit * exp(log(sum) / p);
}

export function scale(x: Numbers, factor: number, length: number): void {
  for (let i = 0; i < length; i++) x[i]! *= factor;
}

export function clamp(x: Numbers, limit: number, length: number): void {
  for (let i = 0; i < length; i++) {
    if (x[i]! > limit) x[i] = limit;
    else if (x[i]! < -limit) x[i] = -limit;
  }
}
