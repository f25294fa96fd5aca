import type { MonoTypeOperatorFunction } from 'rxjs';
import { operator } from '../../src/index.js';
import { type JournalLength, journalLength } from './journalLength.js';
import type { PlacedLine } from './logSource.js';

/** A value of several lines, or with control characters. */
interface Value {
  readonly name: string;
  /** Undefined until all of its bytes have come; `head` is what came of them. */
  length?: JournalLength;
  head?: string;
  /** Bytes so far. */
  bytes: number;
}

const BEGIN = /^__CURSOR=/;
const FIELD = /^([A-Z_][A-Z\d_]{0,63})=(.*)$/s;
const NAME_ALONE = /^[A-Z_][A-Z\d_]{0,63}$/; // its value follows behind a length of eight bytes
const LONE = /\p{Cs}/gu; // a surrogate without its other half
const MOST_HEAD = 4; // symbols of a length before its zeros
const MOST_LINES = 1000; // of an entry
const MOST_TEXT = 0x10000; // characters of its values

/**
 * Joins the lines of each entry of `journalctl -o export` to a line of JSON, as `-o json` has it, with the place behind the
 * entry; any other log is passed on as it is.
 *
 * ```
 * lines             -c-M--c-M--|      c: __CURSOR=…; M: MESSAGE=…; an empty line behind it
 * journalEntries()  ----e----e-|
 * ```
 *
 * A value of several lines has its length in bytes before it, and what looks like a field or an end within that length is
 * its text. Lines come decoded, with lone surrogates for bytes that are not UTF-8, which are counted and then replaced by
 * U+FFFD, in other logs too. A length with a byte of 10 or 13 is known within bounds alone: between them a value ends at the
 * first line that looks like a field, a name or an end. A CRLF in a value counts as one byte.
 */
export function journalEntries(): MonoTypeOperatorFunction<PlacedLine> {
  return operator<PlacedLine, PlacedLine>((subscriber) => {
    let isJournal: boolean | undefined;
    let fields = new Map<string, string>();
    let value: Value | undefined; // that may go on
    let lines = 0;
    let length = 0;
    let last: PlacedLine | undefined;

    function end(placed: PlacedLine | undefined): void {
      const place = placed?.place;
      if (fields.size > 0)
        subscriber.next({ ...(place && { place }), line: JSON.stringify(Object.fromEntries(fields)) });
      fields = new Map();
      value = undefined;
      lines = length = 0;
    }
    function set(name: string, text: string, more: number): void {
      if (lines++ >= MOST_LINES || length >= MOST_TEXT) return;
      length += more;
      fields.set(name, text.slice(0, MOST_TEXT));
    }
    /** Takes the line where it belongs to the value. */
    function goesOn(line: string): boolean {
      if (!value) return false;
      const { name, length } = value;
      if (!length) return begins(value, line);
      if (value.bytes >= length.most || (value.bytes >= length.least && isStructure(line))) {
        value = undefined;
        return false;
      }
      value.bytes += 1 + bytesOf(line);
      set(name, `${fields.get(name) ?? ''}\n${wellFormed(line)}`, line.length);
      return true;
    }
    function begins(of: Value, line: string): boolean {
      const head = of.head === undefined ? line : `${of.head}\n${line}`;
      const length = journalLength(head);
      if (length) {
        of.length = length;
        of.bytes += bytesOf(length.rest);
        set(of.name, wellFormed(length.rest), length.rest.length);
      } else if (head.length <= MOST_HEAD) of.head = head;
      else value = undefined;
      return value !== undefined;
    }
    function add(line: string): void {
      const [, name, text] = FIELD.exec(line) ?? [];
      if (name !== undefined) set(name, wellFormed(text!), line.length);
      else if (NAME_ALONE.test(line)) value = { name: line, bytes: 0 };
    }
    return {
      next(placed) {
        const { line } = placed;
        if (isJournal === undefined && line !== '') isJournal = BEGIN.test(line);
        if (isJournal !== true) return subscriber.next({ ...placed, line: wellFormed(line) });
        if (!goesOn(line)) {
          if (BEGIN.test(line)) end(last); // an entry that was cut off
          if (line === '') end(placed);
          else add(line);
        }
        last = placed;
      },
      complete() {
        end(last);
        subscriber.complete();
      },
    };
  });
}

function isStructure(line: string): boolean {
  return line === '' || FIELD.test(line) || NAME_ALONE.test(line);
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text) - 2 * (text.match(LONE)?.length ?? 0);
}

/** The text with U+FFFD for each byte that is not UTF-8. */
function wellFormed(text: string): string {
  return text.replace(LONE, '\ufffd');
}
