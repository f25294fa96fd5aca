import type { MonoTypeOperatorFunction } from 'rxjs';
import { operator } from '../../src/index.js';
import type { PlacedLine } from './logSource.js';

const BEGIN = /^__CURSOR=/;
const FIELD = /^([A-Z_][A-Z\d_]{0,63})=(.*)$/s;
const NAME_ALONE = /^[A-Z_][A-Z\d_]{0,63}$/; // its value follows behind a length of eight bytes
const LENGTH = /^[^\0]{0,4}\0{4,7}/;
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
 */
export function journalEntries(): MonoTypeOperatorFunction<PlacedLine> {
  return operator<PlacedLine, PlacedLine>((subscriber) => {
    let isJournal: boolean | undefined;
    let fields = new Map<string, string>();
    let open = ''; // the field whose value goes on
    let lines = 0;
    let length = 0;
    let last: PlacedLine | undefined;

    function end(placed: PlacedLine | undefined): void {
      if (fields.size > 0) subscriber.next({ ...placed, line: JSON.stringify(Object.fromEntries(fields)) });
      fields = new Map();
      open = '';
      lines = length = 0;
    }
    function add(line: string): void {
      const field = FIELD.exec(line);
      const known = open === '' ? undefined : fields.get(open);
      if (lines++ >= MOST_LINES || length >= MOST_TEXT) return;
      length += line.length;
      if (field) {
        open = '';
        fields.set(field[1]!, field[2]!.slice(0, MOST_TEXT));
      } else if (NAME_ALONE.test(line) && known !== '') fields.set((open = line), '');
      else if (open !== '') {
        fields.set(open, known === '' ? line.replace(LENGTH, '').slice(0, MOST_TEXT) : `${known}\n${line}`);
      }
    }
    return {
      next(placed) {
        const { line } = placed;
        if (isJournal === undefined && line !== '') isJournal = BEGIN.test(line);
        if (isJournal !== true) return subscriber.next(placed);
        last = placed;
        if (line === '' && !(open !== '' && fields.get(open) === '')) end(placed);
        else add(line);
      },
      complete() {
        end(last);
        subscriber.complete();
      },
    };
  });
}
