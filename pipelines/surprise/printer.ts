import { concat, EMPTY, Observable } from 'rxjs';
import { safeJson } from '../cli/safeJson.js';
import { write } from '../../src/index.js';
import { alarmText, foldText, followText, MOST_STAMP, reasonRows, traceText } from './alarmText.js';
import type { Fold } from './foldAlarms.js';
import { otlpText } from './otlpText.js';
import type { Scored } from './scored.js';
import type { StatusLine } from './statusLine.js';
import { largestOf } from '../cli/largestOf.js';

export interface PrinterOptions {
  readonly form: 'text' | 'json' | 'otlp';
  /** Whether lines without an alarm are printed too; but for OTLP those that say most of an alarm's trace always are. */
  readonly all: boolean;
  /** Whether a line counts as printed only when it has left the process. */
  readonly sure: boolean;
  readonly colours: boolean;
  readonly status: StatusLine;
  /** A line for people, with its alarm or not; on a terminal it leaves so many columns free. */
  readonly text: (scored: Scored, indent?: number) => string;
  readonly tellsAlarms: boolean;
}

/** Prints scored lines on standard output. */
export interface Printer {
  /** Completes when the line was printed, or at once where it is not to be. */
  print(scored: Scored, repeated: boolean): Observable<never>;
  /** Prints what is at the end: the strangest lines, and why they are. */
  list(strangest: readonly Scored[]): void;
  /** Prints that a fold has ended. */
  ended(fold: Fold): void;
}

export function printer({ form, all, sure, colours, status, text, tellsAlarms }: PrinterOptions): Printer {
  const columns = (): number => process.stdout.columns || 80;

  let latest: number | undefined; // the alarm that was printed last, or whose trace was
  let stamped: Pick<Scored, 'line' | 'time'> | undefined; // the last line with a time of its own

  function textOf(scored: Scored, repeated: boolean): string | undefined {
    const { alarm, trace, traceOf } = scored;
    if (!alarm || tellsAlarms || alarm.count > 1) {
      if (all || !trace) return all ? text(scored) : undefined;
      const isOther = traceOf !== latest; // those of several containers may come at once
      latest = traceOf;
      return traceText(trace, columns(), isOther ? traceOf : undefined);
    }
    latest = scored.number;
    if (alarm.follows !== undefined) return followText(scored, { columns: columns(), repeated });
    const live = { columns: columns(), colours, repeated };
    if (scored.time != null) return alarmText(scored, live);
    return alarmText(scored, stamped ? { ...live, stamped } : { ...live, arrived: new Date() });
  }
  function formatted(scored: Scored, repeated: boolean): string | undefined {
    if (form === 'text') return textOf(scored, repeated);
    if (!all && !scored.alarm && (form === 'otlp' || !scored.trace)) return undefined;
    if (form === 'otlp') return otlpText(scored, 'rxrnn', Date.now());
    return safeJson(repeated ? { ...scored, repeated } : scored);
  }
  return {
    print(scored, repeated) {
      if (scored.time != null) stamped = { line: scored.line.slice(0, MOST_STAMP), time: scored.time };
      const line = formatted(scored, repeated);
      if (line === undefined) return EMPTY;
      status.clear();
      return sure ? concat(write(line), flushed()) : write(line);
    },
    list(strangest) {
      if (form === 'otlp') return;
      if (form === 'text') status.say(`the ${strangest.length} strangest lines, with their numbers and scores:`);
      const width = largestOf(strangest.map(({ number }) => shownNumber(number).length));
      for (const [i, scored] of strangest.entries()) {
        const line =
          form === 'json'
            ? safeJson({ ...scored, top: i + 1 })
            : [`${shownNumber(scored.number).padStart(width)}${text(scored, width)}`, ...reasonRows(scored, columns(), colours)].join('\n'); // prettier-ignore
        process.stdout.write(`${line}\n`);
      }
    },
    ended(fold) {
      if (form !== 'text' || all) return;
      status.clear();
      process.stdout.write(`${foldText(fold, columns())}\n`);
    },
  };
}

function shownNumber(number: number): string {
  return `line ${number.toLocaleString('en')}`;
}

/** Completes when all that was written to standard output has left the process. */
function flushed(): Observable<never> {
  return new Observable((subscriber) => {
    if (process.stdout.writableLength === 0) return subscriber.complete();
    process.stdout.write('', () => subscriber.complete());
  });
}
