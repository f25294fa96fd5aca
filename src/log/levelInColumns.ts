import type { Severity } from './logRecord.js';
import { severityOf } from './severityOf.js';

const MOST_COLUMNS = 8; // in front of the level
const MOST_LENGTH = 64; // of a column
/** A word in capitals, in brackets or in front of a colon as a level may be. */
const CAPITALS = /^([[<(])?(\p{Lu}[\p{Lu}_]{1,15})[\])>]?(:)?$/u;
/** What names something in a column: with a digit, or a sign that is between the parts of names. */
const ID = /^(?=.*[\d._/@:$-])[\w./@:$#[\]()<>=*+-]*[\w\])>]$/;
/** Behind these a level is what was counted or not found. */
const COUNTS = /^(?:NO|NOT|NON|ANY|ALL|EACH|EVERY|WITHOUT|ZERO|OF|ON|IF|AND|OR|LAST|FIRST|TOTAL)$/;
/** Levels that are as often words of a message in capitals. */
const WORDS = /^(?:LOG|NOTE|SUCCESS|FAIL|FAILED|FAILURE|ATTENTION|AVIS|PANIC|ALERT|FINE)$/;
const LOWER = /\p{Ll}{2}/u;
const MOST_MESSAGE = 120; // characters of the message that show its case
const SPACE = 32;

/**
 * The level among columns without delimiters behind a time, such as `R02-M1 RAS KERNEL FATAL data TLB error`: the first word in
 * capitals that is one, behind at most eight columns of names with digits or signs, and of words in capitals; null where another
 * word comes first, or where the level has no delimiter and the message is in capitals as well.
 */
export function levelInColumns(text: string): Severity | null {
  let from = 0;
  for (let column = 0; column <= MOST_COLUMNS; column++) {
    while (text.charCodeAt(from) === SPACE) from += 1;
    const end = text.indexOf(' ', from);
    if (end < 0 || end - from > MOST_LENGTH) return null;
    const cell = text.slice(from, end);
    const [, bracket, word = '', colon] = CAPITALS.exec(cell) ?? [];
    if (COUNTS.test(cell)) return null;
    const severity = word === '' || WORDS.test(word) ? null : severityOf(word);
    if (severity !== null) {
      const isDelimited = bracket !== undefined || colon !== undefined;
      return isDelimited || LOWER.test(text.slice(end, end + MOST_MESSAGE)) ? severity : null;
    }
    if (word === '' && !ID.test(cell)) return null;
    from = end + 1;
  }
  return null;
}
