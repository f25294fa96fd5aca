import { refuse } from '../check/refuse.js';
import type { Vocabulary } from './vocabularyOf.js';

/** Accepts vocabularies. */
export function checkVocabulary(who: string, option: string, value: unknown): asserts value is Vocabulary {
  const { symbol, token } = (value ?? {}) as Partial<Vocabulary>;
  if (typeof symbol === 'function' && typeof token === 'function') return;
  refuse(who, option, 'what vocabulary() or vocabularyOf gives', value, 'none');
}
