import type { WordPair } from '../article/translation.js';
import { nearestOf } from './nearestOf.js';

/**
 * A translator by counting, to compare with: what most often became of the longest ending of the word that was learned, as
 * in `walk walked`, the rest kept; without such an ending the translation of the nearest word.
 */
export function commonEnding(pairs: readonly WordPair[]): (word: string) => string {
  const became = new Map<string, Map<string, number>>();
  for (const [source, target] of pairs) {
    const [from, to] = [Array.from(source), Array.from(target)];
    for (let kept = 1; kept <= from.length && from[kept - 1] === to[kept - 1]; kept++) {
      const ending = from.slice(kept).join('');
      const counts = became.get(ending) ?? new Map<string, number>();
      const other = to.slice(kept).join('');
      became.set(ending, counts.set(other, (counts.get(other) ?? 0) + 1));
    }
  }
  const nearest = nearestOf(pairs);
  return (word) => {
    const letters = Array.from(word);
    for (let kept = 1; kept <= letters.length; kept++) {
      const counts = became.get(letters.slice(kept).join(''));
      if (!counts) continue;
      const [other] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most));
      return letters.slice(0, kept).join('') + other;
    }
    return nearest(word);
  };
}
