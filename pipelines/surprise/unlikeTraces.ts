import type { MonoTypeOperatorFunction } from 'rxjs';
import { operator } from '../../src/index.js';
import type { Fold } from './foldAlarms.js';
import { ownText } from './ownText.js';
import type { AlarmOf, Scored } from './scored.js';
import { traceInside } from './traceInside.js';
import { type TraceReader, traceReader } from './traceReader.js';

/** A record that has a trace or an alarm. */
interface OpenRecord {
  readonly reader: TraceReader;
  /** What its trace said before its alarm. */
  readonly pieces: string[];
  /** The alarm, and whether it was shown. */
  alarm?: AlarmOf;
  shown: boolean;
}

const MOST_OPEN = 64; // records
const MOST_PIECES = 64; // of a fold
const MOST_PIECE = 200; // UTF-16 units
const FRAME = /^(?:\s|#\d)/;
const VARIES = /0x[\da-f]+|\d+/gi;

/**
 * Shows an alarm that was folded where its trace is unlike those of the fold: at the line by which it is known that something
 * else was thrown, or from another place in the program's own code, and once per record. `folds` are those of `foldAlarms`.
 *
 * ```
 * folded          -T1-f-x-T2-f-x-T3-g-x-|     T: a line with an alarm and its count; f, g: frames; x: what was thrown
 * unlikeTraces()  -T1-f-x-T2-f-x-T3-g-X-|     X: x with the alarm of T, count 1
 * ```
 */
export function unlikeTraces<S extends Scored>(folds: ReadonlyMap<string, Fold>): MonoTypeOperatorFunction<S> {
  return operator<S, S>((subscriber) => {
    const open = new Map<number, OpenRecord>(); // by its number

    function openRecord(record: number, first?: string): OpenRecord {
      const own = open.get(record) ?? { reader: traceReader(first), pieces: [], shown: false };
      open.delete(record);
      if (open.size === MOST_OPEN) open.delete(open.keys().next().value!);
      open.set(record, own);
      return own;
    }
    /** Adds to a fold what a trace says; whether anything of it is unlike what the fold has. */
    function isUnlike(fold: Fold, pieces: readonly string[]): boolean {
      const known = fold.traces ?? [];
      const fresh = pieces.filter((piece) => !known.includes(piece)).slice(0, MOST_PIECES - known.length);
      if (fresh.length > 0) fold.traces = [...known, ...new Set(fresh)];
      return fresh.length > 0;
    }
    return {
      next(scored) {
        const { line, text = line, number, record = number, alarm, template } = scored;
        const continues = record !== number;
        if (!continues && !alarm) return subscriber.next(scored);
        const own = openRecord(record, continues ? undefined : text);
        const said = continues ? own.reader.add(text) : traceInside(text);
        const pieces = said.map((row) => pieceOf(row, continues ? template : undefined));
        if (alarm) {
          own.alarm = alarm;
          own.shown ||= alarm.count === 1;
        }
        if (!own.alarm) {
          for (const piece of pieces) own.pieces.push(piece);
          return subscriber.next(scored);
        }
        const fold = folds.get(own.alarm.key);
        const unlike = fold !== undefined && isUnlike(fold, [...own.pieces.splice(0), ...pieces]);
        if (!unlike || own.shown) return subscriber.next(scored);
        own.shown = true;
        fold.count -= 1; // not one more like it
        subscriber.next({ ...scored, alarm: { ...own.alarm, count: 1 } });
      },
    };
  });
}

/** A frame without the numbers of lines; of what was thrown its template, where it is a line. */
function pieceOf(row: string, template: number | undefined): string {
  if (template !== undefined && !FRAME.test(row)) return `thrown ${template}`;
  return ownText(row.trim().replace(VARIES, '#'), MOST_PIECE);
}
