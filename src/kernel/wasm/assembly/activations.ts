// Nonlinearities, number by number.
import { LANES, loadPart, mul, splat, storePart, sub } from './memory';
import { sigmoid, tanh } from './functions';

export function activateTanh(y: usize, length: i32): void {
  let left = length;
  for (; left >= LANES; left -= LANES, y += 16) {
    v128.store(y, tanh(v128.load(y)));
  }
  if (left > 0) {
    storePart(y, tanh(loadPart(y, left)), left);
  }
}

export function activateSigmoid(y: usize, length: i32): void {
  let left = length;
  for (; left >= LANES; left -= LANES, y += 16) {
    v128.store(y, sigmoid(v128.load(y)));
  }
  if (left > 0) {
    storePart(y, sigmoid(loadPart(y, left)), left);
  }
}

/** Zero where y < 0, so that NaN shows. */
export function activateRelu(y: usize, length: i32): void {
  const zero = splat(0);
  let left = length;
  for (; left >= LANES; left -= LANES, y += 16) {
    const v = v128.load(y);
    v128.store(y, v128.andnot(v, v128.lt<Real>(v, zero)));
  }
  if (left > 0) {
    const v = loadPart(y, left);
    storePart(y, v128.andnot(v, v128.lt<Real>(v, zero)), left);
  }
}

export function backTanh(dy: usize, y: usize, length: i32): void {
  const one = splat(1);
  let left = length;
  for (; left >= LANES; left -= LANES, y += 16, dy += 16) {
    const v = v128.load(y);
    v128.store(dy, mul(v128.load(dy), sub(one, mul(v, v))));
  }
  if (left > 0) {
    const v = loadPart(y, left);
    storePart(dy, mul(loadPart(dy, left), sub(one, mul(v, v))), left);
  }
}

export function backSigmoid(dy: usize, y: usize, length: i32): void {
  const one = splat(1);
  let left = length;
  for (; left >= LANES; left -= LANES, y += 16, dy += 16) {
    const v = v128.load(y);
    v128.store(dy, mul(v128.load(dy), mul(v, sub(one, v))));
  }
  if (left > 0) {
    const v = loadPart(y, left);
    storePart(dy, mul(loadPart(dy, left), mul(v, sub(one, v))), left);
  }
}

export function backRelu(dy: usize, y: usize, length: i32): void {
  const zero = splat(0);
  let left = length;
  for (; left >= LANES; left -= LANES, y += 16, dy += 16) {
    v128.store(dy, v128.and(v128.load(dy), v128.gt<Real>(v128.load(y), zero)));
  }
  if (left > 0) {
    storePart(dy, v128.and(loadPart(dy, left), v128.gt<Real>(loadPart(y, left), zero)), left);
  }
}
