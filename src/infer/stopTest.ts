import { refuse } from '../check/refuse.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Vocabulary } from '../token/vocabularyOf.js';
import type { Token } from '../types.js';
import type { Generated } from './generated.js';

/** When generating stops. */
export interface Stop {
  readonly stop?: Token | string | ((generated: Generated) => boolean) | undefined;
  readonly vocabulary?: Vocabulary | undefined;
}

/**
 * Makes a test of each generated token in turn, true for the last; of a text over several tokens it keeps the end. `size`:
 * tokens that the model puts out.
 */
export function stopTest(who: string, { stop, vocabulary }: Stop, size: number): (generated: Generated) => boolean {
  if (stop === undefined) return () => false;
  if (typeof stop === 'function') return stop;
  if (typeof stop === 'number') {
    wholeNumber(0, size - 1)(who, 'stop', stop);
    return ({ token }) => token === stop;
  }
  if (typeof stop !== 'string') refuse(who, 'stop', 'a token, a text or a function', stop, 'none');
  if (!vocabulary) throw new TypeError(`${who}: a stop that is a text needs a vocabulary`);
  if (stop === '') throw new RangeError(`${who}: stop must not be an empty text`);
  const { symbols } = vocabulary;
  let tail = '';
  return ({ token }) => {
    tail += symbols[token]!;
    const found = tail.includes(stop);
    tail = tail.slice(-stop.length);
    return found;
  };
}
