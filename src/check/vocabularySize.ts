import { wholeNumber } from './wholeNumber.js';

/** The most tokens of a vocabulary for which arrays with a place for each are made: 1 GiB of 64 bytes each. */
const MOST = 16_777_216;

/** Accepts the size of a vocabulary. */
export function vocabularySize(who: string, option: string, value: unknown): void {
  wholeNumber(1, MOST)(who, option, value);
}
