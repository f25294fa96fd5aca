import { checkVocabulary } from './checkVocabulary.js';
import type { OperatorFunction } from 'rxjs';
import { callable } from '../check/callable.js';
import { oneOf } from '../check/oneOf.js';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { show } from '../check/show.js';
import { string } from '../check/string.js';
import { operator } from '../flow/operator.js';
import type { Token } from '../types.js';
import type { Vocabulary } from './vocabularyOf.js';

/** What happens to symbols that the vocabulary lacks. */
export interface EncodeOptions {
  /**
   * `error` (the default) ends the stream with a RangeError that names the symbol and its index; `unk` emits the
   * vocabulary's unknown token; `skip` emits nothing, which shifts all that follow (and so breaks interleaved lanes).
   */
  readonly unknown?: 'error' | 'unk' | 'skip' | undefined;
  /** Called with each unknown symbol and its index in the stream, from 0, before it is handled: to count them. */
  readonly onUnknown?: ((symbol: string, index: number) => void) | undefined;
}

/**
 * Turns symbols into tokens.
 *
 * ```
 * symbols             -h-e-y-|
 * encode(vocabulary)  -1-0-#        vocabulary of e h l o
 *                                   # encode: unknown symbol "y" (U+0079) at index 2
 * ```
 *
 * A RangeError at once for `unknown: 'unk'` with a vocabulary that has no unknown token; a TypeError for what is not a
 * string, whatever `unknown` says.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { encode, vocabularyOf } from 'rxrnn';
 *
 * from('hey')
 *   .pipe(encode(vocabularyOf(['e', 'h', 'l', 'o'])))
 *   .subscribe({
 *     next: (token) => console.log(token),
 *     error: ({ message }: Error) => console.log(message),
 *   });
 * // -> 1
 * // -> 0
 * // -> encode: unknown symbol "y" (U+0079) at index 2
 * ```
 */
export function encode(vocabulary: Vocabulary, given: EncodeOptions = {}): OperatorFunction<string, Token> {
  checkVocabulary('encode', 'vocabulary', vocabulary);
  given = options('encode', given, { unknown: optional(oneOf('error', 'unk', 'skip')), onUnknown: optional(callable) });
  const { unknown = 'error', onUnknown } = given;
  if (unknown === 'unk' && vocabulary.unknown === undefined) {
    throw new RangeError('encode: unknown: unk needs a vocabulary with an unknown symbol, got one without');
  }
  const substitute = unknown === 'unk' ? vocabulary.unknown : undefined;
  return operator((subscriber) => {
    let index = 0;
    return {
      next(symbol) {
        const at = index++;
        let token = vocabulary.token(symbol);
        if (token === undefined) {
          string('encode', `symbol at index ${at}`, symbol);
          onUnknown?.(symbol, at);
          if (unknown === 'error') throw new RangeError(`encode: unknown symbol ${describe(symbol)} at index ${at}`);
          token = substitute;
        }
        if (token !== undefined) subscriber.next(token);
      },
    };
  });
}

/** Writes a symbol as text and by code point, `"é" (U+00E9)`, since many symbols look alike or are invisible. */
function describe(symbol: string): string {
  const points = Array.from(
    symbol,
    (point) => `U+${point.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`,
  );
  const shown = points.length > 8 ? [...points.slice(0, 8), '…'] : points;
  return `${show(symbol)} (${shown.join(' ')})`;
}
