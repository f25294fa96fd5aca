import { map, type OperatorFunction } from 'rxjs';
import type { Token } from '../types.js';
import type { Vocabulary } from './vocabularyOf.js';

/**
 * Turns tokens back into symbols; a RangeError for a number that is not a token of the vocabulary, such as `-1`.
 *
 * ```
 * tokens              -1-0-2-2-3-|
 * decode(vocabulary)  -h-e-l-l-o-|    vocabulary of e h l o
 * ```
 */
export function decode(vocabulary: Vocabulary): OperatorFunction<Token, string> {
  return map((token) => vocabulary.symbol(token));
}
