import { map, type OperatorFunction } from 'rxjs';
import type { Token } from '../types.js';
import type { Vocabulary } from './vocabulary.js';

/**
 * Turns tokens back into symbols; a number that is no token of the vocabulary, `-1` among them, is a RangeError.
 *
 * ```
 * tokens              -1-0-2-2-3-|
 * decode(vocabulary)  -h-e-l-l-o-|    vocabulary of e h l o
 * ```
 */
export function decode(vocabulary: Vocabulary): OperatorFunction<Token, string> {
  return map((token) => vocabulary.symbol(token));
}
