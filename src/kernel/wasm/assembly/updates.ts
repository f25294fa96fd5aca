// The optimizers' updates, element by element, in torch's order of operations (torch.optim, 1.13).
import { add, LANES, loadPart, mul, splat, storePart, sub } from './memory';

/** Each number, or zero where it is nearer to zero than `least`. NaN stays. */
// @ts-ignore: decorator
@inline
function flushed(x: v128, least: v128): v128 {
  return v128.andnot(x, v128.lt<Real>(v128.abs<Real>(x), least));
}

/** `flushed` of numbers that are not negative. */
// @ts-ignore: decorator
@inline
function flushedSquares(x: v128, least: v128): v128 {
  return v128.andnot(x, v128.lt<Real>(x, least));
}

// @ts-ignore: decorator
@inline
function sgdPart(
  weights: usize,
  gradients: usize,
  velocity: usize,
  l: v128,
  d: v128,
  keep: v128,
  share: v128,
  least: v128,
  nesterov: bool,
  first: bool,
  count: i32,
): void {
  const x = loadPart(weights, count);
  let step = add(loadPart(gradients, count), mul(d, x));
  if (velocity) {
    const v = first ? step : add(mul(keep, loadPart(velocity, count)), mul(share, step));
    storePart(velocity, flushed(v, least), count);
    step = nesterov ? add(step, mul(keep, v)) : v;
  }
  storePart(weights, sub(x, mul(l, step)), count);
}

export function sgd(
  weights: usize,
  gradients: usize,
  velocity: usize,
  length: i32,
  learningRate: Real,
  momentum: Real,
  undamped: Real,
  nesterov: bool,
  weightDecay: Real,
  first: bool,
  least: Real,
): void {
  const l = splat(learningRate);
  const d = splat(weightDecay);
  const keep = splat(momentum);
  const share = splat(undamped);
  const bound = splat(least);
  let left = length;
  if (!velocity) {
    for (; left >= 2 * LANES; left -= 2 * LANES, weights += 32, gradients += 32) {
      const x = v128.load(weights);
      const z = v128.load(weights, 16);
      v128.store(weights, sub(x, mul(l, add(v128.load(gradients), mul(d, x)))));
      v128.store(weights, sub(z, mul(l, add(v128.load(gradients, 16), mul(d, z)))), 16);
    }
  }
  for (; left >= LANES; left -= LANES, weights += 16, gradients += 16) {
    sgdPart(weights, gradients, velocity, l, d, keep, share, bound, nesterov, first, LANES);
    if (velocity) velocity += 16;
  }
  if (left > 0) sgdPart(weights, gradients, velocity, l, d, keep, share, bound, nesterov, first, left);
}

// @ts-ignore: decorator
@inline
function adagradPart(
  weights: usize,
  gradients: usize,
  squares: usize,
  l: v128,
  d: v128,
  e: v128,
  count: i32,
): void {
  const x = loadPart(weights, count);
  const step = add(loadPart(gradients, count), mul(d, x));
  const s = add(loadPart(squares, count), mul(step, step));
  storePart(squares, s, count);
  storePart(weights, sub(x, v128.div<Real>(mul(l, step), add(v128.sqrt<Real>(s), e))), count);
}

export function adagrad(weights: usize, gradients: usize, squares: usize, length: i32, learningRate: Real, weightDecay: Real, epsilon: Real): void {
  const l = splat(learningRate);
  const d = splat(weightDecay);
  const e = splat(epsilon);
  let left = length;
  for (; left >= LANES; left -= LANES, weights += 16, gradients += 16, squares += 16) {
    adagradPart(weights, gradients, squares, l, d, e, LANES);
  }
  if (left > 0) adagradPart(weights, gradients, squares, l, d, e, left);
}

// @ts-ignore: decorator
@inline
function rmspropPart(
  weights: usize,
  gradients: usize,
  squares: usize,
  mean: usize,
  velocity: usize,
  l: v128,
  a: v128,
  b: v128,
  e: v128,
  d: v128,
  keep: v128,
  least: v128,
  leastSquare: v128,
  root: v128,
  count: i32,
): void {
  const x = loadPart(weights, count);
  const step = add(loadPart(gradients, count), mul(d, x));
  const s = add(mul(a, loadPart(squares, count)), mul(mul(b, step), step));
  storePart(squares, flushedSquares(s, leastSquare), count);
  let variance = s;
  if (mean) {
    const m = add(mul(a, loadPart(mean, count)), mul(b, step));
    storePart(mean, flushed(m, least), count);
    const squared = flushed(m, root); // its square would be subnormal
    variance = sub(variance, mul(squared, squared));
  }
  let change = v128.div<Real>(step, add(v128.sqrt<Real>(variance), e));
  if (velocity) {
    change = add(change, mul(keep, loadPart(velocity, count)));
    storePart(velocity, flushed(change, least), count);
  }
  storePart(weights, sub(x, mul(l, change)), count);
}

export function rmsprop(
  weights: usize,
  gradients: usize,
  squares: usize,
  mean: usize,
  velocity: usize,
  length: i32,
  learningRate: Real,
  alpha: Real,
  rest: Real,
  epsilon: Real,
  weightDecay: Real,
  momentum: Real,
  least: Real,
  leastSquare: Real,
): void {
  const l = splat(learningRate);
  const a = splat(alpha);
  const b = splat(rest);
  const e = splat(epsilon);
  const d = splat(weightDecay);
  const keep = splat(momentum);
  const bound = splat(least);
  const squareBound = splat(leastSquare);
  const root = splat(sqrt<Real>(leastSquare));
  let left = length;
  for (; left >= LANES; left -= LANES, weights += 16, gradients += 16, squares += 16) {
    rmspropPart(weights, gradients, squares, mean, velocity, l, a, b, e, d, keep, bound, squareBound, root, LANES);
    if (mean) mean += 16;
    if (velocity) velocity += 16;
  }
  if (left > 0) rmspropPart(weights, gradients, squares, mean, velocity, l, a, b, e, d, keep, bound, squareBound, root, left);
}

// @ts-ignore: decorator
@inline
function adamPart(
  weights: usize,
  gradients: usize,
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
  least: v128,
  leastSquare: v128,
  count: i32,
): void {
  const x = mul(keep, loadPart(weights, count));
  const step = add(loadPart(gradients, count), mul(d, x));
  const m = add(mul(b1, loadPart(mean, count)), mul(r1, step));
  const s = add(mul(b2, loadPart(squares, count)), mul(mul(r2, step), step));
  storePart(mean, flushed(m, least), count);
  storePart(squares, flushedSquares(s, leastSquare), count);
  let variance = s;
  if (largest) {
    variance = v128.pmax<Real>(loadPart(largest, count), s);
    storePart(largest, variance, count);
  }
  const divisor = add(v128.div<Real>(v128.sqrt<Real>(variance), root), e);
  storePart(weights, sub(x, v128.div<Real>(mul(l, m), divisor)), count);
}

export function adam(
  weights: usize,
  gradients: usize,
  mean: usize,
  squares: usize,
  largest: usize,
  length: i32,
  beta1: Real,
  rest1: Real,
  beta2: Real,
  rest2: Real,
  epsilon: Real,
  weightDecay: Real,
  kept: Real,
  stride: Real,
  root2: Real,
  least: Real,
  leastSquare: Real,
): void {
  const b1 = splat(beta1);
  const r1 = splat(rest1);
  const b2 = splat(beta2);
  const r2 = splat(rest2);
  const e = splat(epsilon);
  const d = splat(weightDecay);
  const keep = splat(kept);
  const l = splat(stride);
  const root = splat(root2);
  const bound = splat(least);
  const squareBound = splat(leastSquare);
  let left = length;
  for (; left >= LANES; left -= LANES, weights += 16, gradients += 16, mean += 16, squares += 16) {
    adamPart(weights, gradients, mean, squares, largest, b1, r1, b2, r2, e, d, keep, l, root, bound, squareBound, LANES);
    if (largest) largest += 16;
  }
  if (left > 0) adamPart(weights, gradients, mean, squares, largest, b1, r1, b2, r2, e, d, keep, l, root, bound, squareBound, left);
}
