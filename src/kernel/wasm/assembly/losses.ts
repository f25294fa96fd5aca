// Softmax and cross-entropy; plain/crossEntropy.ts has the mathematics.
import * as exact from './exact';
import { exp } from './functions';
import { add, bytes, LANES, loadPart, mul, splat, storePart, sub } from './memory';

/** The largest number of a row. */
function largest(x: usize, width: i32): Real {
  let m = load<Real>(x);
  let left = width;
  if (left >= LANES) {
    let v = v128.load(x);
    for (; left >= LANES; left -= LANES, x += 16) v = v128.pmax<Real>(v, v128.load(x));
    m = v128.extract_lane<Real>(v, 0);
    m = larger(m, v128.extract_lane<Real>(v, 1));
    if (sizeof<Real>() == 4) m = larger(larger(m, <Real>f32x4.extract_lane(v, 2)), <Real>f32x4.extract_lane(v, 3));
  }
  for (; left > 0; left--, x += sizeof<Real>()) m = larger(m, load<Real>(x));
  return m;
}

// @ts-ignore: decorator
@inline
function larger(a: Real, b: Real): Real {
  return b > a ? b : a;
}

/** y = exp(x − m) over a row; returns the sum: four running sums in single precision, one in double. */
function exponentials(y: usize, x: usize, m: Real, width: i32): f64 {
  const shift = splat(m);
  let sums = splat(0);
  let sum: f64 = 0;
  let left = width;
  if (sizeof<Real>() == 4) {
    for (; left >= 2 * LANES; left -= 2 * LANES, x += 32, y += 32) {
      const a = v128.load(x);
      const b = v128.load(x, 16);
      const e = exp(sub(a, shift));
      const f = exp(sub(b, shift));
      v128.store(y, f, 16);
      v128.store(y, e);
      sums = add(add(sums, e), f);
    }
  }
  for (; left >= LANES; left -= LANES, x += 16, y += 16) {
    const e = exp(sub(v128.load(x), shift));
    v128.store(y, e);
    if (sizeof<Real>() == 8) {
      sum += f64x2.extract_lane(e, 0);
      sum += f64x2.extract_lane(e, 1);
    } else sums = add(sums, e);
  }
  if (left > 0) {
    const e = exp(sub(loadPart(x, left), shift));
    storePart(y, e, left);
    sum += <f64>v128.extract_lane<Real>(e, 0);
    if (left > 1) sum += <f64>v128.extract_lane<Real>(e, 1);
    if (sizeof<Real>() == 4 && left > 2) sum += <f64>f32x4.extract_lane(e, 2);
  }
  if (sizeof<Real>() == 8) return sum;
  return (
    sum +
    (<f64>f32x4.extract_lane(sums, 0) + <f64>f32x4.extract_lane(sums, 1)) +
    (<f64>f32x4.extract_lane(sums, 2) + <f64>f32x4.extract_lane(sums, 3))
  );
}

/** y /= sum over a row. */
// @ts-ignore: decorator
@inline
function divide(y: usize, sum: f64, width: i32): void {
  const by = splat(<Real>sum);
  let left = width;
  for (; left >= 2 * LANES; left -= 2 * LANES, y += 32) {
    const a = v128.div<Real>(v128.load(y), by);
    const b = v128.div<Real>(v128.load(y, 16), by);
    v128.store(y, b, 16);
    v128.store(y, a);
  }
  for (; left >= LANES; left -= LANES, y += 16) v128.store(y, v128.div<Real>(v128.load(y), by));
  if (left > 0) storePart(y, v128.div<Real>(loadPart(y, left), by), left);
}

export function softmax(y: usize, rows: i32, width: i32): void {
  for (let r = 0; r < rows; r++, y += bytes(width)) divide(y, exponentials(y, y, largest(y, width), width), width);
}

/** p = softmax(x), one row; its largest number and log Σ exp(x − largest) go to `parts`, as doubles. */
export function softmaxRow(p: usize, x: usize, parts: usize, width: i32): void {
  const m = largest(x, width);
  const sum = exponentials(p, x, m, width);
  divide(p, sum, width);
  store<f64>(parts, <f64>m);
  store<f64>(parts, exact.log(sum), 8);
}

/** Rows whose target is below 0 do not count. */
export function crossEntropy(losses: usize, dx: usize, x: usize, targets: usize, rows: i32, width: i32): void {
  for (let r = 0; r < rows; r++) {
    const target = load<i32>(targets);
    if (target < 0) {
      memory.fill(dx, 0, bytes(width));
      store<Real>(losses, 0);
    } else {
      const m = largest(x, width);
      const sum = exponentials(dx, x, m, width);
      divide(dx, sum, width);
      const loss = exact.log(sum) - (<f64>load<Real>(x + bytes(target)) - <f64>m);
      const at = dx + bytes(target);
      store<Real>(at, load<Real>(at) - 1);
      store<Real>(losses, <Real>loss);
    }
    x += bytes(width);
    dx += bytes(width);
    targets += 4;
    losses += sizeof<Real>();
  }
}

/** losses = (x − target)², dx = 2 (x − target); returns the sum. */
export function squaredError(losses: usize, dx: usize, x: usize, targets: usize, length: i32): f64 {
  let total: f64 = 0;
  const two = splat(2);
  for (let left = length; left > 0; left -= LANES) {
    const count = min(left, LANES);
    const d = sub(loadPart(x, count), loadPart(targets, count));
    const square = mul(d, d);
    storePart(dx, mul(two, d), count);
    storePart(losses, square, count);
    total += <f64>v128.extract_lane<Real>(square, 0);
    if (count > 1) total += <f64>v128.extract_lane<Real>(square, 1);
    if (sizeof<Real>() == 4) {
      if (count > 2) total += <f64>f32x4.extract_lane(square, 2);
      if (count > 3) total += <f64>f32x4.extract_lane(square, 3);
    }
    x += 16;
    dx += 16;
    targets += 16;
    losses += 16;
  }
  return total;
}
