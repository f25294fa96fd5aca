import { lastValueFrom, map, NEVER, type Observable, scan, takeUntil } from 'rxjs';
import { type Bus, toBus } from '../../src/bus.js';
import { bundledFile, credit, lines, stdinLines, yielding } from '../../src/index.js';
import { keyReader } from '../cli/keyReader.js';

/** The lines that a bus is fed with where nothing else is given, and the expression that finds their key. */
export const EXAMPLE: { readonly path: string; readonly key: string } = {
  path: bundledFile('kinds.csv'),
  key: ',(\\w+)$',
};

/** Lines that were stored, and the frames that hold them. */
export interface Fed {
  readonly lines: number;
  readonly frames: number;
}

export interface FeedOptions {
  /** A file; standard input without one. */
  readonly file: string | undefined;
  readonly keyOf: (line: string) => string;
  /** Longer lines are cut, and end with an ellipsis. */
  readonly maxLineBytes: number;
  /** Called for each line that was cut. */
  readonly cut?: () => void;
  /** Its first value ends the reading; what was read is stored, and counted. Never by default. */
  readonly stop$?: Observable<unknown>;
}

/** Values that may be on their way to the bus. */
const IN_FLIGHT = 4096;

/** Puts lines on a bus, read no faster than it stores them, and emits how many are stored. */
export function feedLines(bus: Bus, { file, keyOf, maxLineBytes, cut, stop$ = NEVER }: FeedOptions): Observable<Fed> {
  const inFlight = credit({ high: IN_FLIGHT });
  let mark = ''; // of the line that comes next
  const reading = {
    demand: yielding(inFlight),
    invalid: 'replace',
    maxLineBytes,
    onLong: 'cut',
    longLine() {
      mark = '…';
      cut?.();
    },
  } as const;
  function valueOf(line: string): Uint8Array {
    const value = encoder.encode(line + mark);
    mark = '';
    return value;
  }
  const encoder = new TextEncoder();
  return (file === undefined ? stdinLines(reading) : lines(file, reading)).pipe(
    map((line) => ({ key: keyOf(line), value: valueOf(line) })),
    takeUntil(stop$),
    toBus(bus, { inFlight }),
    scan((fed, { values }) => ({ lines: fed.lines + values, frames: fed.frames + 1 }), { lines: 0, frames: 0 }),
  );
}

/** Fills a bus in memory with the example, for a run without options. */
export async function feedExample(bus: Bus): Promise<Fed> {
  const keyOf = keyReader(EXAMPLE.key)!;
  return lastValueFrom(feedLines(bus, { file: EXAMPLE.path, keyOf, maxLineBytes: 0x10000 }));
}
