import type { Utf8Options } from './utf8.js';

/** The decoder's options from those that users write, checked in the name of `caller`: a RangeError at once. */
export function utf8Options(
  caller: string,
  invalid: 'error' | 'replace',
  onInvalid: ((byte: number) => void) | undefined,
): Utf8Options {
  if (invalid !== 'error' && invalid !== 'replace') {
    throw new RangeError(`${caller}: invalid must be 'error' or 'replace', got ${JSON.stringify(invalid)}`);
  }
  return { replace: invalid === 'replace', ...(onInvalid === undefined ? {} : { onInvalid }) };
}
