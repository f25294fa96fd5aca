/**
 * Gives what rounding took from a product: `a * b - product`, where `product` is the rounded `a * b`.
 *
 * Both factors and the product lie between 2^-100 and 2^100 in size. The answer is good to 2^-106 of the product.
 * The factors are cut in two by rounding them to single precision (24 leading bits and the 29 that remain), so that
 * the partial products are exact: Dekker's product (A floating-point technique for extending the available
 * precision, Numerische Mathematik 18, 1971) with another cut. `Math.fround` is exact by the language's definition.
 */
export function productError(a: number, b: number, product: number): number {
  const aHigh = Math.fround(a);
  const aLow = a - aHigh;
  const bHigh = Math.fround(b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
