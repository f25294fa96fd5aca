import type { Numbers } from '../types.js';

/**
 * Zeros all but the likeliest: the `count` largest probabilities, and of these the fewest whose sum reaches the share
 * `topP` of theirs. Of equal ones the lower index comes first. `order` is scratch as long as `probabilities`.
 *
 * A heap of indices gives up the largest one by one, each to the place behind the heap, so that V log V is never paid
 * for a short top. Top k: Fan, Lewis and Dauphin, 2018; top p (the nucleus): Holtzman et al., 2020.
 */
export function keepTop(probabilities: Numbers, order: Int32Array, count: number, topP: number): void {
  const length = probabilities.length;
  for (let i = 0; i < length; i++) order[i] = i;
  for (let i = (length >> 1) - 1; i >= 0; i--) sink(probabilities, order, i, length);
  let total = 1;
  let heaped = length;
  if (count < length) {
    total = 0;
    while (heaped > length - count) total += probabilities[pop(probabilities, order, heaped--)]!;
  }
  let kept = length; // the likeliest stand behind it, the first of them last
  const enough = topP === 1 ? Infinity : topP * total;
  let sum = 0;
  while (kept > length - count && sum < enough) {
    if (kept === heaped) pop(probabilities, order, heaped--);
    sum += probabilities[order[--kept]!]!;
  }
  for (let i = 0; i < kept; i++) probabilities[order[i]!] = 0;
}

/** Moves the largest of a heap to its last place, which leaves the heap; returns it. */
function pop(probabilities: Numbers, order: Int32Array, length: number): number {
  const largest = order[0]!;
  order[0] = order[length - 1]!;
  order[length - 1] = largest;
  sink(probabilities, order, 0, length - 1);
  return largest;
}

function sink(probabilities: Numbers, order: Int32Array, from: number, length: number): void {
  const item = order[from]!;
  let place = from;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= length) break;
    if (child + 1 < length && before(probabilities, order[child + 1]!, order[child]!)) child++;
    if (!before(probabilities, order[child]!, item)) break;
    order[place] = order[child]!;
    place = child;
  }
  order[place] = item;
}

function before(probabilities: Numbers, a: number, b: number): boolean {
  return probabilities[a]! > probabilities[b]! || (probabilities[a] === probabilities[b] && a < b);
}
