// The optimizers' updates, element by element, in torch's order of operations (torch.optim, 1.13).
import { add, LANES, loadPart, mul, splat, storePart, sub } from './memory';

// @ts-ignore: decorator
@inline
function sgdPart(
  w: usize,
  g: usize,
  velocity: usize,
  l: v128,
  d: v128,
  keep: v128,
  share: v128,
  nesterov: bool,
  first: bool,
  count: i32,
): void {
  const x = loadPart(w, count);
  let step = add(loadPart(g, count), mul(d, x));
  if (velocity) {
    const v = first ? step : add(mul(keep, loadPart(velocity, count)), mul(share, step));
    storePart(velocity, v, count);
    step = nesterov ? add(step, mul(keep, v)) : v;
  }
  storePart(w, sub(x, mul(l, step)), count);
}

export function sgd(
  w: usize,
  g: usize,
  velocity: usize,
  length: i32,
  rate: Real,
  momentum: Real,
  undamped: Real,
  nesterov: bool,
  decay: Real,
  first: bool,
): void {
  const l = splat(rate);
  const d = splat(decay);
  const keep = splat(momentum);
  const share = splat(undamped);
  let left = length;
  if (!velocity) {
    for (; left >= 2 * LANES; left -= 2 * LANES, w += 32, g += 32) {
      const x = v128.load(w);
      const z = v128.load(w, 16);
      v128.store(w, sub(x, mul(l, add(v128.load(g), mul(d, x)))));
      v128.store(w, sub(z, mul(l, add(v128.load(g, 16), mul(d, z)))), 16);
    }
  }
  for (; left >= LANES; left -= LANES, w += 16, g += 16) {
    sgdPart(w, g, velocity, l, d, keep, share, nesterov, first, LANES);
    if (velocity) velocity += 16;
  }
  if (left > 0) sgdPart(w, g, velocity, l, d, keep, share, nesterov, first, left);
}

// @ts-ignore: decorator
@inline
function adagradPart(
  w: usize,
  g: usize,
  squares: usize,
  l: v128,
  d: v128,
  e: v128,
  count: i32,
): void {
  const x = loadPart(w, count);
  const step = add(loadPart(g, count), mul(d, x));
  const s = add(loadPart(squares, count), mul(step, step));
  storePart(squares, s, count);
  storePart(w, sub(x, v128.div<Real>(mul(l, step), add(v128.sqrt<Real>(s), e))), count);
}

export function adagrad(w: usize, g: usize, squares: usize, length: i32, rate: Real, decay: Real, epsilon: Real): void {
  const l = splat(rate);
  const d = splat(decay);
  const e = splat(epsilon);
  let left = length;
  for (; left >= LANES; left -= LANES, w += 16, g += 16, squares += 16) {
    adagradPart(w, g, squares, l, d, e, LANES);
  }
  if (left > 0) adagradPart(w, g, squares, l, d, e, left);
}

// @ts-ignore: decorator
@inline
function rmspropPart(
  w: usize,
  g: usize,
  squares: usize,
  mean: usize,
  velocity: usize,
  l: v128,
  a: v128,
  b: v128,
  e: v128,
  d: v128,
  keep: v128,
  count: i32,
): void {
  const x = loadPart(w, count);
  const step = add(loadPart(g, count), mul(d, x));
  const s = add(mul(a, loadPart(squares, count)), mul(mul(b, step), step));
  storePart(squares, s, count);
  let variance = s;
  if (mean) {
    const m = add(mul(a, loadPart(mean, count)), mul(b, step));
    storePart(mean, m, count);
    variance = sub(variance, mul(m, m));
  }
  let change = v128.div<Real>(step, add(v128.sqrt<Real>(variance), e));
  if (velocity) {
    change = add(change, mul(keep, loadPart(velocity, count)));
    storePart(velocity, change, count);
  }
  storePart(w, sub(x, mul(l, change)), count);
}

export function rmsprop(
  w: usize,
  g: usize,
  squares: usize,
  mean: usize,
  velocity: usize,
  length: i32,
  rate: Real,
  alpha: Real,
  rest: Real,
  epsilon: Real,
  decay: Real,
  momentum: Real,
): void {
  const l = splat(rate);
  const a = splat(alpha);
  const b = splat(rest);
  const e = splat(epsilon);
  const d = splat(decay);
  const keep = splat(momentum);
  let left = length;
  for (; left >= LANES; left -= LANES, w += 16, g += 16, squares += 16) {
    rmspropPart(w, g, squares, mean, velocity, l, a, b, e, d, keep, LANES);
    if (mean) mean += 16;
    if (velocity) velocity += 16;
  }
  if (left > 0) rmspropPart(w, g, squares, mean, velocity, l, a, b, e, d, keep, left);
}

// @ts-ignore: decorator
@inline
function adamPart(
  w: usize,
  g: usize,
  mean: usize,
  squares: usize,
  largest: usize,
  b1: v128,
  r1: v128,
  b2: v128,
  r2: v128,
  e: v128,
  d: v128,
  keep: v128,
  l: v128,
  root: v128,
  count: i32,
): void {
  const x = mul(keep, loadPart(w, count));
  const step = add(loadPart(g, count), mul(d, x));
  const m = add(mul(b1, loadPart(mean, count)), mul(r1, step));
  const s = add(mul(b2, loadPart(squares, count)), mul(mul(r2, step), step));
  storePart(mean, m, count);
  storePart(squares, s, count);
  let variance = s;
  if (largest) {
    variance = v128.pmax<Real>(loadPart(largest, count), s);
    storePart(largest, variance, count);
  }
  const divisor = add(v128.div<Real>(v128.sqrt<Real>(variance), root), e);
  storePart(w, sub(x, v128.div<Real>(mul(l, m), divisor)), count);
}

export function adam(
  w: usize,
  g: usize,
  mean: usize,
  squares: usize,
  largest: usize,
  length: i32,
  beta1: Real,
  rest1: Real,
  beta2: Real,
  rest2: Real,
  epsilon: Real,
  decay: Real,
  kept: Real,
  stride: Real,
  root2: Real,
): void {
  const b1 = splat(beta1);
  const r1 = splat(rest1);
  const b2 = splat(beta2);
  const r2 = splat(rest2);
  const e = splat(epsilon);
  const d = splat(decay);
  const keep = splat(kept);
  const l = splat(stride);
  const root = splat(root2);
  let left = length;
  for (; left >= LANES; left -= LANES, w += 16, g += 16, mean += 16, squares += 16) {
    adamPart(w, g, mean, squares, largest, b1, r1, b2, r2, e, d, keep, l, root, LANES);
    if (largest) largest += 16;
  }
  if (left > 0) adamPart(w, g, mean, squares, largest, b1, r1, b2, r2, e, d, keep, l, root, left);
}
