// What products are measured against.
import { add, mul } from './memory';

/** As much arithmetic as registers allow, nothing loaded: seven products and seven sums, n times. */
export function peak(n: i32, factor: Real): Real {
  const f = v128.splat<Real>(factor);
  let x0 = f;
  let x1 = f;
  let x2 = f;
  let x3 = f;
  let x4 = f;
  let x5 = f;
  let x6 = f;
  let s0 = f;
  let s1 = f;
  let s2 = f;
  let s3 = f;
  let s4 = f;
  let s5 = f;
  let s6 = f;
  for (let i = 0; i < n; i++) {
    x0 = mul(x0, f);
    s0 = add(s0, x0);
    x1 = mul(x1, f);
    s1 = add(s1, x1);
    x2 = mul(x2, f);
    s2 = add(s2, x2);
    x3 = mul(x3, f);
    s3 = add(s3, x3);
    x4 = mul(x4, f);
    s4 = add(s4, x4);
    x5 = mul(x5, f);
    s5 = add(s5, x5);
    x6 = mul(x6, f);
    s6 = add(s6, x6);
  }
  const sum = add(add(add(s0, s1), add(s2, s3)), add(add(s4, s5), s6));
  return v128.extract_lane<Real>(sum, 0);
}
