const SCALE = 65536;

/**
 * The last place of a one in the range of an arithmetic coder, from the probability of a one: integers below 2^53, so that
 * both sides agree to the bit.
 */
export function splitRange(low: number, high: number, p: number): number {
  const share = Math.min(Math.max(Math.round(p * SCALE), 1), SCALE - 1);
  return low + Math.floor(((high - low) * share) / SCALE);
}
