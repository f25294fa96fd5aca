import { seeded } from '../../src/random/seeded.js';

/** Numbers spread roughly as bits of tokens are: exponentially, of mean 2, or of one that rises at some place. */
export function bits(
  seed: string,
  length: number,
  { at = Infinity, rise = 0 }: { at?: number; rise?: number } = {},
): number[] {
  const random = seeded(seed);
  return Array.from({ length }, (_, i) => (i < at ? 2 : 2 + rise) * -Math.log(1 - random.uniform()));
}
