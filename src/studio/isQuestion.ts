import { refuse } from '../check/refuse.js';
import type { Question } from './messages.js';

/** The longest prompt, in UTF-16 units. */
const LONGEST = 500;

/** Whether a message of a page is a question; one that is not as it must be is a RangeError or TypeError. */
export function isQuestion(message: unknown): message is Question {
  const { name, value, from, to } = Object(message) as Readonly<Record<string, unknown>>;
  if (name === 'unit') {
    if (!isIndex(value)) refuse('studio', 'unit', 'the index of a unit', value, 'number');
  } else if (name === 'span') {
    if (!isIndex(from) || !isIndex(to))
      refuse('studio', 'span', 'from and to, two places in the text', message, 'none');
  } else if (name === 'prompt') {
    if (typeof value !== 'string' || value.length > LONGEST) {
      refuse('studio', 'prompt', `a text of at most ${LONGEST} characters`, value, 'none');
    }
  } else return false;
  return true;
}

function isIndex(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
