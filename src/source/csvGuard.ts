import type { Parser } from './parseChunks.js';
import { utf8 } from './utf8.js';

/** What checks and splits the bytes before the CSV parser sees them. */
export interface Guard {
  /** Turns bytes into texts of whole records, each ended by LF, in a form that fast-csv reads as RFC 4180 says. */
  readonly parser: Parser<Uint8Array, string>;
  /** The line, from 1, where the next of the records handed out begins; to be called once per record. */
  nextLine(): number;
  /** Records handed out for which `nextLine` was not called. */
  readonly remaining: number;
  /** Why there are no more records, where the reason is not the end of the file. */
  failure: unknown;
}

/**
 * Splits CSV into records before fast-csv sees it.
 *
 * fast-csv parses an incomplete record again with each chunk, which is quadratic and blocks; it reports no lines, fills
 * short records, and decodes leniently. So the guard follows its quoting, unit by unit, passes on complete records
 * only, and throws for a record longer than `maxRecordBytes`, a quote not closed, text after a closing quote and
 * invalid UTF-8.
 *
 * fast-csv also skips white space before a quote and in a field that holds nothing else, and a byte order mark at the
 * start of any text. All that belongs to the field, and only a quote that is the field's first character opens
 * quoting: such fields are passed on in quotes, with their own quotes doubled. Other fields are passed on as they are.
 *
 * Empty lines are left out. So are lines of white space alone, which cannot be a record, before the header and where
 * the header has several columns; where it has one, such a line is a record.
 */
export function guard(options: { name: string; delimiter: string; maxRecordBytes: number }): Guard {
  const { name, maxRecordBytes } = options;
  const delimiter = options.delimiter.charCodeAt(0);
  const decoder = utf8();
  const starts: number[] = []; // the lines where the records passed on begin
  let asked = 0;
  let over = false;
  let failure: Error | undefined;
  let batch = '';
  let part = ''; // the start of the current record, from earlier chunks
  let space = ''; // of the current field where it holds nothing else, from earlier chunks
  let bytes = 0; // of the current record
  let line = 1;
  let begins = 1; // the line where the current record begins
  let state: number = START;
  let blank = true; // nothing but white space so far in the current record
  let delimiters = 0; // in the current record
  let columns = 0; // in the header, once it was handed on
  let afterReturn = false;

  function fail(reason: string): void {
    failure = new RangeError(`${name}, line ${begins}: ${reason}`);
  }
  function end(): void {
    const record = state === SPACE ? `${part}"${space}"` : state === LITERAL ? `${part}"` : part;
    if (!blank || (columns === 1 && record !== '')) {
      if (columns === 0) columns = delimiters + 1;
      batch += `${record}\n`;
      starts.push(begins);
    }
    part = '';
    space = '';
    bytes = 0;
    state = START;
    blank = true;
    delimiters = 0;
    begins = line;
  }
  function scan(text: string): void {
    let from = 0;
    let spaceFrom = 0; // where the white space begins, in the state SPACE
    function keep(to: number): void {
      part += text.slice(from, state === SPACE ? spaceFrom : to);
      if (state === SPACE) space += text.slice(spaceFrom, to);
      from = to;
    }
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      const returned = afterReturn;
      afterReturn = unit === CR;
      if (unit === LF || unit === CR) {
        if (unit === CR || !returned) line++;
        if (state !== QUOTED) {
          if (unit === CR || !returned) {
            keep(i);
            end();
          } else begins = line;
          from = i + 1;
          continue;
        }
      }
      bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
      if (bytes > maxRecordBytes) return fail(`the record is longer than ${maxRecordBytes} bytes (maxRecordBytes)`);
      const next = follow(state, unit, delimiter);
      if (next === BAD) return fail(`there is ${isSpace(unit) ? 'white space' : 'text'} after a closing quote`);
      if (next === START) delimiters++;
      if (next !== SPACE) blank = false;
      if ((next >= SPACE || state >= SPACE) && (next !== state || unit === QUOTE)) {
        if (next === SPACE) {
          spaceFrom = i;
        } else if (next !== UNQUOTED || space !== '') {
          keep(i);
          if (state === SPACE && next !== UNQUOTED) part += '"';
          part += space;
          space = '';
          if (next !== UNQUOTED) part += '"'; // before a quote, or after the field
        }
      }
      state = next;
    }
    keep(text.length);
  }
  return {
    failure: undefined,
    get remaining() {
      return starts.length - asked;
    },
    nextLine() {
      const start = starts[asked++];
      if (start === undefined) throw new Error(`${name}: the CSV parser gave more records than it was given`);
      if (asked < 4096) return start;
      starts.splice(0, asked);
      asked = 0;
      return start;
    },
    parser: {
      push(chunk) {
        over = chunk === undefined;
        scan(decoder.decode(chunk));
        if (failure !== undefined) return;
        if (decoder.invalid >= 0) return fail(`invalid UTF-8 at byte ${decoder.invalid}`);
        if (!over) return;
        if (state === QUOTED) fail('a quote is not closed');
        else if (part !== '' || space !== '') end();
      },
      take() {
        if (batch !== '') {
          const records = batch;
          batch = '';
          return records;
        }
        if (failure !== undefined) throw failure;
        return undefined;
      },
    },
  };
}

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const BYTE_ORDER_MARK = 0xfeff;

/** Before a field's first character. */
const START = 0;
const UNQUOTED = 1;
const QUOTED = 2;
/** Directly after a quote that closes the field, unless another follows. */
const CLOSING = 3;
/** In an unquoted field that holds nothing but white space so far. */
const SPACE = 4;
/** In an unquoted field that is handed on in quotes. */
const LITERAL = 5;
const BAD = 6;

/** The state after a unit that does not end a record. */
function follow(state: number, unit: number, delimiter: number): number {
  if (state === QUOTED) return unit === QUOTE ? CLOSING : QUOTED;
  if (unit === delimiter) return START;
  if (state === UNQUOTED || state === LITERAL) return state;
  if (state === CLOSING) return unit === QUOTE ? QUOTED : BAD;
  if (unit === QUOTE) return state === START ? QUOTED : LITERAL;
  if (unit === BYTE_ORDER_MARK && state === START) return LITERAL;
  return isSpace(unit) ? SPACE : UNQUOTED;
}

/** `\s`, which is what fast-csv skips before quotes. */
function isSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  return WHITE.test(String.fromCharCode(unit));
}

const WHITE = /\s/;
