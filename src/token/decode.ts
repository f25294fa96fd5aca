import { checkVocabulary } from './checkVocabulary.js';
import { map, type OperatorFunction } from 'rxjs';
import { token as checkToken } from '../check/token.js';
import type { Token } from '../types.js';
import type { Vocabulary } from './vocabularyOf.js';

/**
 * Turns tokens back into symbols; a RangeError for a number that is not a token of the vocabulary, such as `-1`, with its
 * index.
 *
 * ```
 * tokens              -1-0-2-2-3-|
 * decode(vocabulary)  -h-e-l-l-o-|    vocabulary of e h l o
 * ```
 */
export function decode(vocabulary: Vocabulary): OperatorFunction<Token, string> {
  checkVocabulary('decode', 'vocabulary', vocabulary);
  return map((token, index) => {
    checkToken('decode', token, vocabulary.size, index);
    return vocabulary.symbol(token);
  });
}
