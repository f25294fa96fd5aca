// Sums of rows, columns of rows, norms.
import { addRows, copy } from './elementwise';
import { add, bytes, loadPart, mul } from './memory';

/** Each array has its own row width, and its own first column. */
export function setColumns(
  y: usize,
  yWidth: i32,
  yColumn: i32,
  x: usize,
  xWidth: i32,
  xColumn: i32,
  rows: i32,
  columns: i32,
): void {
  y += bytes(yColumn);
  x += bytes(xColumn);
  for (let r = 0; r < rows; r++, y += bytes(yWidth), x += bytes(xWidth)) copy(y, x, columns);
}

/** Adds up `columns` columns of y from its address on, of `yWidth`: row by row, in the order of memory. */
export function sumRows(sum: usize, y: usize, rows: i32, columns: i32, yWidth: i32): void {
  for (let r = 0; r < rows; r++, y += bytes(yWidth)) addRows(sum, y, 1, columns);
}

/** Σ x²: in double precision number by number; in single precision by runs of 64 numbers, which are added up in double. */
export function sumOfSquares(x: usize, length: i32): f64 {
  let sum: f64 = 0;
  if (sizeof<Real>() == 8) {
    for (let end = x + bytes(length); x < end; x += 8) sum += load<f64>(x) * load<f64>(x);
    return sum;
  }
  for (; length >= 64; length -= 64) {
    let s = f32x4.splat(0);
    let t = s;
    for (let end = x + 256; x < end; x += 32) {
      const v = v128.load(x);
      const w = v128.load(x, 16);
      s = add(s, mul(v, v));
      t = add(t, mul(w, w));
    }
    sum += across(add(s, t));
  }
  let s = f32x4.splat(0);
  for (; length > 0; length -= 4, x += 16) {
    const v = loadPart(x, min(length, 4));
    s = add(s, mul(v, v));
  }
  return sum + across(s);
}

// @ts-ignore: decorator
@inline
function across(s: v128): f64 {
  return (
    <f64>f32x4.extract_lane(s, 0) +
    <f64>f32x4.extract_lane(s, 1) +
    <f64>f32x4.extract_lane(s, 2) +
    <f64>f32x4.extract_lane(s, 3)
  );
}
