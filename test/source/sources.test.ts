import fs from 'node:fs';
import { Readable } from 'node:stream';
import { type Observable, tap } from 'rxjs';
import { test } from 'uvu';
import type { Demand } from '../../src/flow/demand.js';
import { bytes } from '../../src/source/bytes.js';
import { csv } from '../../src/source/csv.js';
import { follow } from '../../src/source/follow.js';
import { lines } from '../../src/source/lines.js';
import { stdin } from '../../src/source/stdin.js';
import { stdinLines } from '../../src/source/stdinLines.js';
import { text } from '../../src/source/text.js';
import { textLanes } from '../../src/source/textLanes.js';
import { type Endless, sourceRow, sourceTable } from '../support/sourceTable.js';
import { isOpen, temporary } from './temporary.js';

/** The read of every stream over a file, counted by bytes. */
let read = 0;
const { read: plain } = fs;
fs.read = ((...args: Parameters<typeof plain>): void => {
  const done = args.pop() as unknown as (error: Error | null, bytes: number, buffer: unknown) => void;
  const counted: typeof done = (error, bytes, buffer) => {
    read += bytes;
    done(error, bytes, buffer);
  };
  (plain as (...args: unknown[]) => void)(...args, counted);
}) as typeof plain;

const CHUNK = 0x10000;
const endless = temporary('name\n'.repeat(200_000));
const none = { path: 'no/such/file', error: 'no/such/file: there is no such file' };
const bad = temporary(Buffer.from('a\n\xff', 'latin1'));

/** Of a file of a million bytes; of a stretch, two chunks may be read: one that is emitted, and one ahead. */
function long<T>(source: Observable<T>, stretches = 1): Endless<T> {
  const before = read;
  return {
    source,
    taken: () => read - before,
    most: 2 * CHUNK * stretches,
    ...(process.platform === 'linux' && { held: () => isOpen(endless) }),
  };
}

/** Puts another stream in the place of standard input. */
function piped<T>(stream: Readable, source: Observable<T>): Observable<T> {
  Object.defineProperty(process, 'stdin', { value: stream, configurable: true });
  return source;
}

/** A stream of these bytes. */
function holding(...parts: readonly string[]): Readable {
  return Readable.from(
    parts.map((part) => Buffer.from(part, 'latin1')),
    { objectMode: false },
  );
}

/** Standard input without an end; a chunk may be emitted and another read ahead. */
function typed<T>(source: Observable<T>): Endless<T> {
  let taken = 0;
  const stream = new Readable({
    highWaterMark: CHUNK,
    read() {
      taken += CHUNK;
      setImmediate(() => this.push(Buffer.alloc(CHUNK, 'ab\n')));
    },
  });
  return { source: piped(stream, source), taken: () => taken, most: 2 * CHUNK, held: () => !stream.destroyed };
}

const demanded = (demand?: Demand): { demand?: Demand } => (demand ? { demand } : {});
const once = 'stdin: can be read only once';
const invalid = (name: string, line = ''): string => `${name}${line}: invalid UTF-8 at byte 2`;

sourceTable({
  text: sourceRow({
    source: (demand) => text(temporary('aé\n'), demanded(demand)),
    values: ['a', 'é', '\n'],
    empty: () => text(temporary('')),
    fails: { source: () => text(none.path), error: none.error },
    endless: () => long(text(endless)),
  }),
  'text, bytes that are none': sourceRow({
    source: (demand) => text(temporary('abc'), demanded(demand)),
    values: ['a', 'b', 'c'],
    empty: () => text(temporary('\ufeff')),
    fails: { source: () => text(bad), values: ['a', '\n'], error: invalid(bad) },
    endless: () => long(text(endless)),
  }),
  textLanes: sourceRow({
    source: (demand) => textLanes(temporary('abcdef'), { lanes: 2, ...demanded(demand) }),
    values: ['a', 'd', 'b', 'e', 'c', 'f'],
    empty: 'a file that is too short for its lanes is an error',
    fails: { source: () => textLanes(none.path, { lanes: 2 }), error: none.error },
    endless: () => long(textLanes(endless, { lanes: 3 }), 3),
  }),
  lines: sourceRow({
    source: (demand) => lines(temporary('one\r\n\nthree'), demanded(demand)),
    values: ['one', '', 'three'],
    empty: () => lines(temporary('')),
    fails: { source: () => lines(none.path), error: none.error },
    endless: () => long(lines(endless)),
  }),
  'lines, bytes that are none': sourceRow({
    source: (demand) => lines(temporary('a\nb\nc\n'), demanded(demand)),
    values: ['a', 'b', 'c'],
    empty: () => lines(temporary('\ufeff')),
    fails: { source: () => lines(bad), values: ['a'], error: invalid(bad, ', line 2') },
    endless: () => long(lines(endless)),
  }),
  follow: sourceRow({
    source: (demand) => follow(temporary('one\r\n\nthree'), { untilEnd: true, ...demanded(demand) }),
    values: ['one', '', 'three'],
    look: ({ line }) => line,
    empty: () => follow(temporary(''), { untilEnd: true }),
    fails: { source: () => follow(none.path, { untilEnd: true }), error: none.error },
    endless: () => {
      let taken = 0;
      const source = follow(endless).pipe(tap(({ place }) => (taken = place.offset)));
      return { source, taken: () => taken, most: CHUNK, held: () => isOpen(endless) };
    },
  }),
  bytes: sourceRow({
    source: (demand) => bytes(temporary(Uint8Array.of(0, 255, 7)), demanded(demand)),
    values: [0, 255, 7],
    empty: () => bytes(temporary('')),
    fails: { source: () => bytes(none.path), error: none.error },
    endless: () => long(bytes(endless)),
  }),
  csv: sourceRow({
    source: (demand) => csv(temporary('n\n1\n2\n3\n'), { columns: ['n'], ...demanded(demand) }),
    values: ['1', '2', '3'],
    look: ({ n }) => n,
    empty: () => csv(temporary('n\n'), { columns: ['n'] }),
    fails: { source: () => csv(none.path, { columns: ['n'] }), error: none.error },
    endless: () => long(csv(endless, { columns: ['name'] })),
  }),
  stdin: sourceRow({
    source: (demand) => piped(holding('abc'), stdin(demanded(demand))),
    values: ['a', 'b', 'c'],
    empty: () => piped(holding(), stdin()),
    fails: {
      source: () => piped(holding('a\n\xff'), stdin()),
      values: ['a', '\n'],
      error: invalid('stdin'),
    },
    endless: () => typed(stdin()),
    once,
  }),
  stdinLines: sourceRow({
    source: (demand) => piped(holding('one\ntwo\nthree'), stdinLines(demanded(demand))),
    values: ['one', 'two', 'three'],
    empty: () => piped(holding(), stdinLines()),
    fails: {
      source: () => piped(holding('a\n\xff'), stdinLines()),
      values: ['a'],
      error: invalid('stdin', ', line 2'),
    },
    endless: () => typed(stdinLines()),
    once,
  }),
});

test.run();
