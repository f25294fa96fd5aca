import { isRevoked } from './isRevoked.js';
import { refuse } from './refuse.js';
import { string } from './string.js';

/** How many known names, and how much of each, are compared with an unknown one. */
const COMPARED = 1000;
const CHARACTERS = 100;

/**
 * Finds the known name that a misspelt one is nearest to, for messages such as "did you mean dropout?". Names are near that
 * differ by two characters or by a third of them, whatever their case; `undefined` where none is. Of long lists and names
 * the first 1,000 names and the first 100 characters are compared. A TypeError for what is not a text and a list of texts.
 *
 * ```ts
 * import { nearestName } from 'rxrnn';
 *
 * console.log(nearestName('dropuot', ['hiddenSize', 'dropout'])); // -> dropout
 * console.log(nearestName('colour', ['hiddenSize', 'dropout'])); // -> undefined
 * ```
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  string('nearestName', 'name', name);
  const listed = !isRevoked(known) && Array.isArray(known) && known.every((other) => typeof other === 'string');
  if (!listed) refuse('nearestName', 'known', 'a list of texts', known, 'none');
  const distances = known.slice(0, COMPARED).map((other) => distance(name.toLowerCase(), other.toLowerCase()));
  const nearest = Math.min(...distances);
  return nearest <= Math.max(2, Math.min(name.length, CHARACTERS) / 3) ? known[distances.indexOf(nearest)] : undefined;
}

/** Levenshtein's distance: insertions, deletions and replacements of one character from one text to the other. */
function distance(long: string, other: string): number {
  const [a, b] = [long.slice(0, CHARACTERS), other.slice(0, CHARACTERS)];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
