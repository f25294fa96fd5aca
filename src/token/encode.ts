import type { OperatorFunction } from 'rxjs';
import { operator } from '../flow/operator.js';
import type { Token } from '../types.js';
import type { Vocabulary } from './vocabulary.js';

/** What becomes of symbols that the vocabulary lacks. */
export interface EncodeOptions {
  /**
   * `error` (the default) ends the stream with a RangeError that names the symbol and its index; `unk` emits the
   * vocabulary's unknown token; `skip` emits nothing, which shifts all that follow (and so breaks interleaved lanes).
   */
  readonly unknown?: 'error' | 'unk' | 'skip';
  /** Called with each unknown symbol and its index in the stream, from 0, before it is dealt with: to count them. */
  readonly onUnknown?: (symbol: string, index: number) => void;
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
 * A RangeError at once where `unknown: 'unk'` meets a vocabulary without an unknown token.
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
export function encode(vocabulary: Vocabulary, options: EncodeOptions = {}): OperatorFunction<string, Token> {
  const { unknown = 'error', onUnknown } = options;
  if (unknown !== 'error' && unknown !== 'unk' && unknown !== 'skip') {
    throw new RangeError(`encode: unknown must be 'error', 'unk' or 'skip', got ${JSON.stringify(unknown)}`);
  }
  if (unknown === 'unk' && vocabulary.unknown === undefined) {
    throw new RangeError(`encode: unknown 'unk' needs a vocabulary with an unknown symbol, got one without`);
  }
  const substitute = unknown === 'unk' ? vocabulary.unknown : undefined;
  return operator((subscriber) => {
    let index = 0;
    return {
      next(symbol) {
        const at = index++;
        let token = vocabulary.token(symbol);
        if (token === undefined) {
          onUnknown?.(symbol, at);
          if (unknown === 'error') throw new RangeError(`encode: unknown symbol ${named(symbol)} at index ${at}`);
          token = substitute;
        }
        if (token !== undefined) subscriber.next(token);
      },
    };
  });
}

/** `"é" (U+00E9)`: as JSON, and by code point, since much looks alike or like nothing. */
function named(symbol: string): string {
  const points = Array.from(
    symbol,
    (point) => `U+${point.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`,
  );
  const shown = points.length > 8 ? [...points.slice(0, 8), '…'] : points;
  return `${JSON.stringify(symbol)} (${shown.join(' ')})`;
}
