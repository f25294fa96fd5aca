import type { Random } from '../../src/index.js';

/**
 * Gives values in the order of `shuffle({ size, random })`, each when it is asked for. `shuffle` emits all that it holds at
 * once where its source ends, and of data that fit into it that is the whole pass: no demand has a say then, and the event
 * loop gets no turn.
 */
export function* shuffled<T>(
  values: Iterable<T>,
  { size, random }: { readonly size: number; readonly random: Random },
): Generator<T> {
  const held: T[] = [];
  for (const value of values) {
    held.push(value);
    if (held.length === size) yield draw(held, random);
  }
  while (held.length > 0) yield draw(held, random);
}

/** Takes one of the values out, and puts the last in its place. */
function draw<T>(held: T[], random: Random): T {
  const at = random.integer(held.length);
  const drawn = held[at]!;
  const last = held.pop()!;
  if (at < held.length) held[at] = last;
  return drawn;
}
