import { amount } from '../cli/amount.js';
import { firstCharacters } from '../cli/firstCharacters.js';
import { LONGEST } from './longest.js';

/** Counts texts that are longer than what is read of them. */
export interface LongTexts {
  add(text: string): void;
  /** What is to be said of them; undefined where there were none. */
  complaint(): string | undefined;
}

/** Watches for texts of which only the first characters are read; `where`: such as `of the examples`. */
export function longTexts(where: string): LongTexts {
  let count = 0;
  return {
    add(text) {
      if (text.length > LONGEST && firstCharacters(text, LONGEST + 1).length > LONGEST) count += 1;
    },
    complaint() {
      if (count === 0) return undefined;
      return `${amount(count, 'text')} ${where} ${count === 1 ? 'has' : 'have'} more than ${LONGEST} characters, of which only the first ${LONGEST} are read`;
    },
  };
}
