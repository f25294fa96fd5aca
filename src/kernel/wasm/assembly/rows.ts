// Element by element: sums of rows, masks, norms.
import { add, bytes, LANES, loadPart, mul, splat, storePart } from './memory';

/** Beyond so many numbers the engine's own fill and copy, which are calls out of the module, are worth it. */
const MANY: i32 = 1024;

export function zero(y: usize, length: i32): void {
  if (length > MANY) {
    memory.fill(y, 0, bytes(length));
    return;
  }
  const none = splat(0);
  let left = length;
  for (; left >= LANES; left -= LANES, y += 16) v128.store(y, none);
  if (left > 0) storePart(y, none, left);
}

export function copy(y: usize, x: usize, length: i32): void {
  if (length > MANY) {
    memory.copy(y, x, bytes(length));
    return;
  }
  let left = length;
  for (; left >= LANES; left -= LANES, y += 16, x += 16) v128.store(y, v128.load(x));
  if (left > 0) storePart(y, loadPart(x, left), left);
}

/** Rows of the two arrays have widths of their own, and the columns each a place. */
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

export function setRows(y: usize, bias: usize, rows: i32, width: i32): void {
  for (let r = 0; r < rows; r++) {
    let b = bias;
    let left = width;
    for (; left >= LANES; left -= LANES, y += 16, b += 16) v128.store(y, v128.load(b));
    if (left > 0) storePart(y, loadPart(b, left), left);
    y += bytes(left);
  }
}

export function addRows(y: usize, bias: usize, rows: i32, width: i32): void {
  for (let r = 0; r < rows; r++) {
    let b = bias;
    let left = width;
    for (; left >= LANES; left -= LANES, y += 16, b += 16) v128.store(y, add(v128.load(y), v128.load(b)));
    if (left > 0) storePart(y, add(loadPart(y, left), loadPart(b, left)), left);
    y += bytes(left);
  }
}

/** Adds up `columns` columns of y from its address on, of `yWidth`: row by row, in the order of memory. */
export function sumRows(sum: usize, y: usize, rows: i32, columns: i32, yWidth: i32): void {
  for (let r = 0; r < rows; r++, y += bytes(yWidth)) addRows(sum, y, 1, columns);
}

export function multiplyElementwise(y: usize, x: usize, factors: usize, length: i32): void {
  let left = length;
  for (; left >= LANES; left -= LANES, y += 16, x += 16, factors += 16) {
    v128.store(y, mul(v128.load(x), v128.load(factors)));
  }
  if (left > 0) storePart(y, mul(loadPart(x, left), loadPart(factors, left)), left);
}

export function scale(x: usize, factor: Real, length: i32): void {
  const f = splat(factor);
  let left = length;
  for (; left >= LANES; left -= LANES, x += 16) v128.store(x, mul(v128.load(x), f));
  if (left > 0) storePart(x, mul(loadPart(x, left), f), left);
}

/** pmin and pmax with x first: NaN stays, and they are one instruction where min and max are many. */
export function clamp(x: usize, limit: Real, length: i32): void {
  const high = splat(limit);
  const low = splat(-limit);
  let left = length;
  for (; left >= 2 * LANES; left -= 2 * LANES, x += 32) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    v128.store(x, v128.pmin<Real>(v128.pmax<Real>(a, low), high));
    v128.store(x, v128.pmin<Real>(v128.pmax<Real>(b, low), high), 16);
  }
  for (; left > 0; left -= LANES, x += 16) {
    const count = min(left, LANES);
    storePart(x, v128.pmin<Real>(v128.pmax<Real>(loadPart(x, count), low), high), count);
  }
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
