import { show } from './show.js';

/**
 * The error of an item of a stream or list that should be a token and is not an integer. Whether an integer is in the
 * vocabulary is for the model to check.
 */
export function notAToken(who: string, position: number | string, value: unknown): TypeError {
  const hint = typeof value === 'string' ? '; turn symbols into tokens with encode' : '';
  return new TypeError(`${who}: the token at index ${position} must be an integer, got ${show(value)}${hint}`);
}
