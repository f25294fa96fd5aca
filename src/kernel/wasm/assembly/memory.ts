// What all files know of memory: how large a number is, and loads and stores of less than a vector.
// `Real` is f32 in one build of the module and f64 in the other.

/** log2 of a number's bytes. */
export const SHIFT: usize = sizeof<Real>() == 4 ? 2 : 3;

/** Numbers of a vector. */
export const LANES: i32 = 16 / sizeof<Real>();

/** Numbers of a panel's row: two vectors. */
export const PANEL: i32 = 2 * LANES;

/** Bytes of a panel's row. */
export const ROW: usize = 32;

/** This thread's memory for packed copies; set by `useScratch`, at least as large as the caller says it needs. */
export let scratch: usize = 0;

export function useScratch(at: usize): void {
  scratch = at;
}

// @ts-ignore: decorator
@inline
export function bytes(count: i32): usize {
  return (<usize>count) << SHIFT;
}

/** The first `count` numbers, 1 to LANES, of a vector at p; zeros after them. */
// @ts-ignore: decorator
@inline
export function loadPart(p: usize, count: i32): v128 {
  if (count == LANES) return v128.load(p);
  if (sizeof<Real>() == 8) return v128.load64_zero(p);
  let v = count == 1 ? v128.load32_zero(p) : v128.load64_zero(p);
  if (count == 3) v = v128.load32_lane(p, v, 2, 8);
  return v;
}

/** Stores the first `count` numbers, 1 to LANES, of a vector at p. */
// @ts-ignore: decorator
@inline
export function storePart(p: usize, v: v128, count: i32): void {
  if (count == LANES) v128.store(p, v);
  else if (sizeof<Real>() == 8) v128.store64_lane(p, v, 0);
  else {
    if (count == 1) v128.store32_lane(p, v, 0);
    else v128.store64_lane(p, v, 0);
    if (count == 3) v128.store32_lane(p, v, 2, 8);
  }
}

// @ts-ignore: decorator
@inline
export function splat(x: Real): v128 {
  return v128.splat<Real>(x);
}

// @ts-ignore: decorator
@inline
export function add(a: v128, b: v128): v128 {
  return v128.add<Real>(a, b);
}

// @ts-ignore: decorator
@inline
export function sub(a: v128, b: v128): v128 {
  return v128.sub<Real>(a, b);
}

// @ts-ignore: decorator
@inline
export function mul(a: v128, b: v128): v128 {
  return v128.mul<Real>(a, b);
}

/** c + a · b, rounded twice: the same bits on every machine. */
// @ts-ignore: decorator
@inline
export function mac(c: v128, a: v128, b: v128): v128 {
  return v128.add<Real>(c, v128.mul<Real>(a, b));
}
