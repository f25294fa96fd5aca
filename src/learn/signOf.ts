/**
 * 1, −1 or 0 by the sign of a number, NaN of NaN: as `Math.sign`, without its branches, which processors guess wrongly for
 * every other gradient.
 */
export function signOf(x: number): number {
  return Number.isNaN(x) ? x : Number(x > 0) - Number(x < 0);
}
