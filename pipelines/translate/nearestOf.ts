import type { WordPair } from '../article/translation.js';

/** Gives the translation of the word that is nearest to another by the letters to change, leave out or put in. */
export function nearestOf(pairs: readonly WordPair[]): (word: string) => string {
  const letters = pairs.map(([source]) => Array.from(source));
  return (word) => {
    const own = Array.from(word);
    const distances = letters.map((other) => distance(own, other));
    let best = 0;
    for (const [i, found] of distances.entries()) if (found < distances[best]!) best = i;
    return pairs[best]![1];
  };
}

/** The edit distance of two words (Levenshtein). */
function distance(a: readonly string[], b: readonly string[]): number {
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of a.entries()) {
    const row = [i + 1];
    for (const [j, other] of b.entries()) {
      row.push(Math.min(row[j]! + 1, before[j + 1]! + 1, before[j]! + Number(letter !== other)));
    }
    before = row;
  }
  return before[b.length]!;
}
