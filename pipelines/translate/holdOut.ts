import { seeded } from '../../src/index.js';
import type { WordPair } from '../article/translation.js';

/** Holds out a share of the words with all their pairs, rounded down; at least one word is left to learn. */
export function holdOut(
  pairs: readonly WordPair[],
  share: number,
  seed: number,
): { readonly learned: readonly WordPair[]; readonly held: readonly WordPair[] } {
  const words = [...new Set(pairs.map(([source]) => source))];
  const count = Math.min(words.length - 1, Math.floor(share * words.length));
  const out = new Set(seeded(`${seed} held out`).shuffle(words).slice(0, count));
  return {
    learned: pairs.filter(([source]) => !out.has(source)),
    held: pairs.filter(([source]) => out.has(source)),
  };
}
