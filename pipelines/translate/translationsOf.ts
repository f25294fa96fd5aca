import type { WordPair } from '../article/translation.js';

/** All translations of each word, in the order of the pairs. */
export function translationsOf(pairs: readonly WordPair[]): Map<string, Set<string>> {
  const translations = new Map<string, Set<string>>();
  for (const [source, target] of pairs) {
    translations.set(source, (translations.get(source) ?? new Set()).add(target));
  }
  return translations;
}
