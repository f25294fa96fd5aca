import type { Random } from '../random/random.js';

/** Takes one of the held values out at random, and puts the last in its place. */
export function drawHeld<T>(held: T[], random: Pick<Random, 'integer'>): T {
  const at = random.integer(held.length);
  const drawn = held[at]!;
  const last = held.pop()!;
  if (at < held.length) held[at] = last;
  return drawn;
}
