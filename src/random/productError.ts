/**
 * Computes `a * b - product`, where `product` is the rounded `a * b`: Dekker's product, with factors split at single
 * precision.
 */
export function productError(a: number, b: number, product: number): number {
  const aHigh = Math.fround(a);
  const aLow = a - aHigh;
  const bHigh = Math.fround(b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
