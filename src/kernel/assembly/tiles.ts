// The innermost loops of the products: a few rows by a few panels, every sum in a register, over k in ascending order.
//
// One k to a loop: V8 before version 13 lifts all loads of an unrolled body above its arithmetic and then spills the
// sums to the stack. Sums and loads of one k stay within 15 vector registers.
import { loadPart, mac, ROW, storePart } from './memory';

// @ts-ignore: decorator
@inline
function at(p: usize): v128 {
  return v128.load_splat<Real>(p);
}

/** C[4][panel] += A[4][k] · B[k][panel]; strides in bytes: `as` from row to row of A, `cs` of C. */
export function rows4(k: i32, A: usize, as: usize, B: usize, C: usize, cs: usize): void {
  let a0 = A;
  let a1 = a0 + as;
  let a2 = a1 + as;
  let a3 = a2 + as;
  const c1 = C + cs;
  const c2 = c1 + cs;
  const c3 = c2 + cs;
  let s00 = v128.load(C);
  let s01 = v128.load(C, 16);
  let s10 = v128.load(c1);
  let s11 = v128.load(c1, 16);
  let s20 = v128.load(c2);
  let s21 = v128.load(c2, 16);
  let s30 = v128.load(c3);
  let s31 = v128.load(c3, 16);
  for (let b = B, end = B + (<usize>k) * ROW; b < end; b += ROW) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = at(a0);
    s00 = mac(s00, x0, b0);
    s01 = mac(s01, x0, b1);
    const x1 = at(a1);
    s10 = mac(s10, x1, b0);
    s11 = mac(s11, x1, b1);
    const x2 = at(a2);
    s20 = mac(s20, x2, b0);
    s21 = mac(s21, x2, b1);
    const x3 = at(a3);
    s30 = mac(s30, x3, b0);
    s31 = mac(s31, x3, b1);
    a0 += sizeof<Real>();
    a1 += sizeof<Real>();
    a2 += sizeof<Real>();
    a3 += sizeof<Real>();
  }
  v128.store(C, s00);
  v128.store(C, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

export function rows3(k: i32, A: usize, as: usize, B: usize, C: usize, cs: usize): void {
  let a0 = A;
  let a1 = a0 + as;
  let a2 = a1 + as;
  const c1 = C + cs;
  const c2 = c1 + cs;
  let s00 = v128.load(C);
  let s01 = v128.load(C, 16);
  let s10 = v128.load(c1);
  let s11 = v128.load(c1, 16);
  let s20 = v128.load(c2);
  let s21 = v128.load(c2, 16);
  for (let b = B, end = B + (<usize>k) * ROW; b < end; b += ROW) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = at(a0);
    s00 = mac(s00, x0, b0);
    s01 = mac(s01, x0, b1);
    const x1 = at(a1);
    s10 = mac(s10, x1, b0);
    s11 = mac(s11, x1, b1);
    const x2 = at(a2);
    s20 = mac(s20, x2, b0);
    s21 = mac(s21, x2, b1);
    a0 += sizeof<Real>();
    a1 += sizeof<Real>();
    a2 += sizeof<Real>();
  }
  v128.store(C, s00);
  v128.store(C, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
}

export function rows2(k: i32, A: usize, as: usize, B: usize, C: usize, cs: usize): void {
  let a0 = A;
  let a1 = a0 + as;
  const c1 = C + cs;
  let s00 = v128.load(C);
  let s01 = v128.load(C, 16);
  let s10 = v128.load(c1);
  let s11 = v128.load(c1, 16);
  for (let b = B, end = B + (<usize>k) * ROW; b < end; b += ROW) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = at(a0);
    s00 = mac(s00, x0, b0);
    s01 = mac(s01, x0, b1);
    const x1 = at(a1);
    s10 = mac(s10, x1, b0);
    s11 = mac(s11, x1, b1);
    a0 += sizeof<Real>();
    a1 += sizeof<Real>();
  }
  v128.store(C, s00);
  v128.store(C, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
}

/** One row by three panels, `bs` bytes from panel to panel. */
export function row1x3(k: i32, A: usize, B: usize, bs: usize, C: usize): void {
  let a = A;
  let s0 = v128.load(C);
  let s1 = v128.load(C, 16);
  let s2 = v128.load(C, 32);
  let s3 = v128.load(C, 48);
  let s4 = v128.load(C, 64);
  let s5 = v128.load(C, 80);
  let p1 = B + bs;
  let p2 = p1 + bs;
  for (let b = B, end = B + (<usize>k) * ROW; b < end; b += ROW) {
    const x = at(a);
    s0 = mac(s0, x, v128.load(b));
    s1 = mac(s1, x, v128.load(b, 16));
    s2 = mac(s2, x, v128.load(p1));
    s3 = mac(s3, x, v128.load(p1, 16));
    s4 = mac(s4, x, v128.load(p2));
    s5 = mac(s5, x, v128.load(p2, 16));
    a += sizeof<Real>();
    p1 += ROW;
    p2 += ROW;
  }
  v128.store(C, s0);
  v128.store(C, s1, 16);
  v128.store(C, s2, 32);
  v128.store(C, s3, 48);
  v128.store(C, s4, 64);
  v128.store(C, s5, 80);
}

/** One row by three panels and the first vector of a fourth, of which y has `count` numbers. */
export function row1x3half(k: i32, A: usize, B: usize, bs: usize, C: usize, count: i32): void {
  let a = A;
  let s0 = v128.load(C);
  let s1 = v128.load(C, 16);
  let s2 = v128.load(C, 32);
  let s3 = v128.load(C, 48);
  let s4 = v128.load(C, 64);
  let s5 = v128.load(C, 80);
  let s6 = loadPart(C + 96, count);
  let p1 = B + bs;
  let p2 = p1 + bs;
  let p3 = p2 + bs;
  for (let b = B, end = B + (<usize>k) * ROW; b < end; b += ROW) {
    const x = at(a);
    s0 = mac(s0, x, v128.load(b));
    s1 = mac(s1, x, v128.load(b, 16));
    s2 = mac(s2, x, v128.load(p1));
    s3 = mac(s3, x, v128.load(p1, 16));
    s4 = mac(s4, x, v128.load(p2));
    s5 = mac(s5, x, v128.load(p2, 16));
    s6 = mac(s6, x, v128.load(p3));
    a += sizeof<Real>();
    p1 += ROW;
    p2 += ROW;
    p3 += ROW;
  }
  v128.store(C, s0);
  v128.store(C, s1, 16);
  v128.store(C, s2, 32);
  v128.store(C, s3, 48);
  v128.store(C, s4, 64);
  v128.store(C, s5, 80);
  storePart(C + 96, s6, count);
}

export function row1x2(k: i32, A: usize, B: usize, bs: usize, C: usize): void {
  let a = A;
  let s0 = v128.load(C);
  let s1 = v128.load(C, 16);
  let s2 = v128.load(C, 32);
  let s3 = v128.load(C, 48);
  let p1 = B + bs;
  for (let b = B, end = B + (<usize>k) * ROW; b < end; b += ROW) {
    const x = at(a);
    s0 = mac(s0, x, v128.load(b));
    s1 = mac(s1, x, v128.load(b, 16));
    s2 = mac(s2, x, v128.load(p1));
    s3 = mac(s3, x, v128.load(p1, 16));
    a += sizeof<Real>();
    p1 += ROW;
  }
  v128.store(C, s0);
  v128.store(C, s1, 16);
  v128.store(C, s2, 32);
  v128.store(C, s3, 48);
}

export function row1(k: i32, A: usize, B: usize, C: usize): void {
  let a = A;
  let s0 = v128.load(C);
  let s1 = v128.load(C, 16);
  for (let b = B, end = B + (<usize>k) * ROW; b < end; b += ROW) {
    const x = at(a);
    s0 = mac(s0, x, v128.load(b));
    s1 = mac(s1, x, v128.load(b, 16));
    a += sizeof<Real>();
  }
  v128.store(C, s0);
  v128.store(C, s1, 16);
}

/** C[4][panel] += Σ_r A[r][4] · B[r][panel], both packed: four numbers of A and a panel's row of B for each r. */
export function columns4(r: i32, A: usize, B: usize, C: usize, cs: usize): void {
  const c1 = C + cs;
  const c2 = c1 + cs;
  const c3 = c2 + cs;
  let a = A;
  let s00 = v128.load(C);
  let s01 = v128.load(C, 16);
  let s10 = v128.load(c1);
  let s11 = v128.load(c1, 16);
  let s20 = v128.load(c2);
  let s21 = v128.load(c2, 16);
  let s30 = v128.load(c3);
  let s31 = v128.load(c3, 16);
  for (let b = B, end = B + (<usize>r) * ROW; b < end; b += ROW) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load_splat<Real>(a);
    s00 = mac(s00, x0, b0);
    s01 = mac(s01, x0, b1);
    const x1 = v128.load_splat<Real>(a, sizeof<Real>());
    s10 = mac(s10, x1, b0);
    s11 = mac(s11, x1, b1);
    const x2 = v128.load_splat<Real>(a, 2 * sizeof<Real>());
    s20 = mac(s20, x2, b0);
    s21 = mac(s21, x2, b1);
    const x3 = v128.load_splat<Real>(a, 3 * sizeof<Real>());
    s30 = mac(s30, x3, b0);
    s31 = mac(s31, x3, b1);
    a += 4 * sizeof<Real>();
  }
  v128.store(C, s00);
  v128.store(C, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

// y[vectors] += Σ_i x[i] · w[i][vectors] with w row-major, `ws` bytes from row to row; the last vector has `count` numbers.

export function vectors7(n: i32, x: usize, w: usize, ws: usize, y: usize, count: i32): void {
  let s0 = v128.load(y);
  let s1 = v128.load(y, 16);
  let s2 = v128.load(y, 32);
  let s3 = v128.load(y, 48);
  let s4 = v128.load(y, 64);
  let s5 = v128.load(y, 80);
  let s6 = loadPart(y + 96, count);
  for (let b = w, end = w + (<usize>n) * ws; b < end; b += ws) {
    const a = at(x);
    s0 = mac(s0, a, v128.load(b));
    s1 = mac(s1, a, v128.load(b, 16));
    s2 = mac(s2, a, v128.load(b, 32));
    s3 = mac(s3, a, v128.load(b, 48));
    s4 = mac(s4, a, v128.load(b, 64));
    s5 = mac(s5, a, v128.load(b, 80));
    s6 = mac(s6, a, v128.load(b, 96));
    x += sizeof<Real>();
  }
  v128.store(y, s0);
  v128.store(y, s1, 16);
  v128.store(y, s2, 32);
  v128.store(y, s3, 48);
  v128.store(y, s4, 64);
  v128.store(y, s5, 80);
  storePart(y + 96, s6, count);
}

export function vectors6(n: i32, x: usize, w: usize, ws: usize, y: usize, count: i32): void {
  let s0 = v128.load(y);
  let s1 = v128.load(y, 16);
  let s2 = v128.load(y, 32);
  let s3 = v128.load(y, 48);
  let s4 = v128.load(y, 64);
  let s5 = loadPart(y + 80, count);
  for (let b = w, end = w + (<usize>n) * ws; b < end; b += ws) {
    const a = at(x);
    s0 = mac(s0, a, v128.load(b));
    s1 = mac(s1, a, v128.load(b, 16));
    s2 = mac(s2, a, v128.load(b, 32));
    s3 = mac(s3, a, v128.load(b, 48));
    s4 = mac(s4, a, v128.load(b, 64));
    s5 = mac(s5, a, v128.load(b, 80));
    x += sizeof<Real>();
  }
  v128.store(y, s0);
  v128.store(y, s1, 16);
  v128.store(y, s2, 32);
  v128.store(y, s3, 48);
  v128.store(y, s4, 64);
  storePart(y + 80, s5, count);
}

export function vectors4(n: i32, x: usize, w: usize, ws: usize, y: usize, count: i32): void {
  let s0 = v128.load(y);
  let s1 = v128.load(y, 16);
  let s2 = v128.load(y, 32);
  let s3 = loadPart(y + 48, count);
  for (let b = w, end = w + (<usize>n) * ws; b < end; b += ws) {
    const a = at(x);
    s0 = mac(s0, a, v128.load(b));
    s1 = mac(s1, a, v128.load(b, 16));
    s2 = mac(s2, a, v128.load(b, 32));
    s3 = mac(s3, a, v128.load(b, 48));
    x += sizeof<Real>();
  }
  v128.store(y, s0);
  v128.store(y, s1, 16);
  v128.store(y, s2, 32);
  storePart(y + 48, s3, count);
}

export function vectors1(n: i32, x: usize, w: usize, ws: usize, y: usize, count: i32): void {
  let s0 = loadPart(y, count);
  for (let b = w, end = w + (<usize>n) * ws; b < end; b += ws) {
    const a = at(x);
    s0 = mac(s0, a, v128.load(b));
    x += sizeof<Real>();
  }
  storePart(y, s0, count);
}

/** The speed that products are measured against: twelve sums in registers, nothing loaded, `12 · n` vectors of a · s + b. */
export function peak(n: i32, x: Real, y: Real): Real {
  const a = v128.splat<Real>(x);
  const b = v128.splat<Real>(y);
  let s0 = b;
  let s1 = a;
  let s2 = b;
  let s3 = a;
  let s4 = b;
  let s5 = a;
  let s6 = b;
  let s7 = a;
  let s8 = b;
  let s9 = a;
  let s10 = b;
  let s11 = a;
  for (let i = 0; i < n; i++) {
    s0 = mac(b, s0, a);
    s1 = mac(b, s1, a);
    s2 = mac(b, s2, a);
    s3 = mac(b, s3, a);
    s4 = mac(b, s4, a);
    s5 = mac(b, s5, a);
    s6 = mac(b, s6, a);
    s7 = mac(b, s7, a);
    s8 = mac(b, s8, a);
    s9 = mac(b, s9, a);
    s10 = mac(b, s10, a);
    s11 = mac(b, s11, a);
  }
  let sum = s0;
  sum = v128.add<Real>(sum, s1);
  sum = v128.add<Real>(sum, s2);
  sum = v128.add<Real>(sum, s3);
  sum = v128.add<Real>(sum, s4);
  sum = v128.add<Real>(sum, s5);
  sum = v128.add<Real>(sum, s6);
  sum = v128.add<Real>(sum, s7);
  sum = v128.add<Real>(sum, s8);
  sum = v128.add<Real>(sum, s9);
  sum = v128.add<Real>(sum, s10);
  sum = v128.add<Real>(sum, s11);
  return v128.extract_lane<Real>(sum, 0);
}
