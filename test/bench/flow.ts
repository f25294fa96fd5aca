import { PassThrough } from 'node:stream';
import { concatMap, from, lastValueFrom, map, takeUntil, tap, timer, type Observable } from 'rxjs';
import { ColdObservable } from 'rxjs9';
import { command } from '../../pipelines/cli/command.js';
import { type Credit, credit } from '../../src/flow/credit.js';
import { yielding } from '../../src/flow/yielding.js';
import { flat } from '../../src/flow/flat.js';
import { operator } from '../../src/flow/operator.js';
import { pull } from '../../src/flow/pull.js';
import { concatMapBounded } from '../../src/flow/concatMapBounded.js';
import * as streams from '../../src/streams.js';
import { windows } from '../../src/token/windows.js';

const { fromAsyncIterable, fromNative, fromWebStream, throughNodeStream, toAsyncIterable, toNative, toWebStream } =
  streams;

const CHUNK = 64 * 1024;
const MIB = 1024 * 1024;

/** The figures of a leg. */
interface Report {
  readonly leg: string;
  /** Bytes that reached the sink. */
  readonly bytes: number;
  readonly seconds: number;
  /** Resident memory at the start and at its peak, in MiB. */
  readonly residentStart: number;
  readonly residentPeak: number;
  /** The most items in flight; for stock RxJS the most chunks in its queue. */
  readonly inFlight: number;
}

type Way = (source: Observable<Uint8Array>, before: Credit, behind: Credit) => Observable<Uint8Array>;

/** Out to streams of other kinds, and back in. */
const STREAMS: Readonly<Record<string, Way>> = {
  web: (source, credit, demand) => fromWebStream(toWebStream(source, { credit }), { demand }),
  node: (source, credit, demand) =>
    throughNodeStream(source, () => new PassThrough({ objectMode: true, highWaterMark: 1 }), { credit, demand }),
  native: (source) => fromNative(toNative(source, { Observable: ColdObservable<Uint8Array> })),
  iterable: (source, credit, demand) => fromAsyncIterable(toAsyncIterable(source, { credit }), { demand }),
};

await command(import.meta.url, {
  about: `Measures the memory of a pipeline through which much data flows.

Legs, each source → (windows →) slow asynchronous sink; the resident memory is sampled ten times a second:
  chunks   --gib GiB in chunks of 64 KiB, regrouped to windows of 1 MiB; the sink takes a turn of the event loop
  tokens   a fortieth of that, one byte one token: pull(flat(chunks)) → windows → concatMapBounded
  web      as chunks, out to a Web Stream and back in, and so the next three
  node     a Node stream, with a Transform in between
  native   an Observable of RxJS 9
  iterable an async iterable
  paced    two seconds of a stream with a sink of a millisecond a chunk, through pull and concatMapBounded
  stock    the same through rxjs alone, from and concatMap (which queues; the stream ends at 1 GiB for that reason)`,
  options: {
    gib: { kind: 'number', initial: 10, help: 'GiB through the first leg, and each of the streams' },
    legs: { kind: 'text', initial: '', help: 'the legs to run, with commas between them; all by default' },
    json: { kind: 'flag', help: 'one JSON line' },
  },
  async run({ gib, legs: chosen, json }) {
    const legs: Readonly<Record<string, () => Promise<[bytes: number, inFlight: number]>>> = {
      chunks: () => chunkLeg(gib * 1024 * MIB),
      tokens: () => tokenLeg((gib / 40) * 1024 * MIB),
      ...Object.fromEntries(
        Object.entries(STREAMS).map(([leg, way]) => [leg, () => streamLeg(gib * 1024 * MIB, way)] as const),
      ),
      paced: pacedLeg,
      stock: stockLeg,
    };
    const reports: Report[] = [];
    for (const [leg, run] of Object.entries(legs)) {
      if (chosen !== '' && !chosen.split(',').includes(leg)) continue;
      const report = await measure(leg, run);
      reports.push(report);
      if (!json) console.log(reportText(report));
    }
    if (json) console.log(JSON.stringify(reports));
  },
});

/** N GiB in chunks. */
async function chunkLeg(total: number): Promise<[bytes: number, inFlight: number]> {
  const inFlight = credit({ high: 8, low: 4 });
  let bytes = 0;
  await lastValueFrom(
    pull(() => chunks(total), inFlight).pipe(
      gather(MIB),
      concatMapBounded(inFlight, (window) => slow().then(() => (bytes += window.length))),
    ),
  );
  return [bytes, inFlight.peak];
}

/** As `chunkLeg`, through a stream of another kind. */
async function streamLeg(total: number, way: Way): Promise<[bytes: number, inFlight: number]> {
  const before = credit({ high: 8, low: 4 });
  const behind = way === STREAMS['native'] ? before : credit({ high: 8, low: 4 });
  let bytes = 0;
  await lastValueFrom(
    way(
      pull(() => chunks(total), before),
      before,
      behind,
    ).pipe(
      gather(MIB),
      concatMapBounded(behind, (window) => slow().then(() => (bytes += window.length))),
    ),
  );
  return [bytes, before.peak + (behind === before ? 0 : behind.peak)];
}

/** Byte by byte, through the windows that training uses. */
async function tokenLeg(total: number): Promise<[bytes: number, inFlight: number]> {
  const inFlight = credit({ high: 8, low: 4 });
  const steps = 4096;
  let bytes = 1; // the first byte is not a target of any window
  await lastValueFrom(
    pull(
      flat(() => chunks(total)),
      yielding(inFlight),
    ).pipe(
      windows({ steps }),
      concatMapBounded(inFlight, (window) => slow().then(() => (bytes += window.targets.length))),
    ),
  );
  return [bytes, inFlight.peak];
}

/** A stream with a slower sink, for two seconds. */
async function pacedLeg(): Promise<[bytes: number, inFlight: number]> {
  const inFlight = credit({ high: 8, low: 4 });
  let bytes = 0;
  const written$ = pull(stream, inFlight).pipe(
    concatMapBounded(inFlight, (chunk) => timer(1).pipe(map(() => (bytes += chunk.length)))),
    takeUntil(timer(2000)),
  );
  await lastValueFrom(written$, { defaultValue: 0 });
  return [bytes, inFlight.peak];
}

/** The same stream and sink with the operators of RxJS. */
async function stockLeg(): Promise<[bytes: number, inFlight: number]> {
  let queued = 0;
  let most = 0;
  let bytes = 0;
  const written$ = from(stream()).pipe(
    tap(() => (most = Math.max(most, ++queued))),
    concatMap((chunk) =>
      timer(1).pipe(
        map(() => {
          queued -= 1;
          return (bytes += chunk.length);
        }),
      ),
    ),
    takeUntil(timer(2000)),
  );
  await lastValueFrom(written$, { defaultValue: 0 });
  return [bytes, most];
}

/** The work of a sink: a turn of the event loop, like a write to a socket or a disk. */
function slow(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Makes chunks of bytes on demand. */
function* chunks(total: number): Generator<Uint8Array, void, void> {
  for (let made = 0; made < total; made += CHUNK) {
    const size = Math.min(CHUNK, total - made);
    yield new Uint8Array(size).fill((made / CHUNK) & 255);
  }
}

/** Makes chunks as a file gives them: each a turn of the event loop later, and at most 1 GiB. */
async function* stream(): AsyncGenerator<Uint8Array, void, void> {
  for (const chunk of chunks(1024 * MIB)) {
    await slow();
    yield chunk;
  }
}

/** Joins chunks to windows of `size` bytes; the last may be shorter. */
function gather(size: number): (source: Observable<Uint8Array>) => Observable<Uint8Array> {
  return operator((subscriber) => {
    let window = new Uint8Array(size);
    let filled = 0;
    return {
      next(chunk) {
        for (let read = 0; read < chunk.length;) {
          const part = chunk.subarray(read, read + size - filled);
          window.set(part, filled);
          filled += part.length;
          read += part.length;
          if (filled < size) continue;
          const full = window;
          window = new Uint8Array(size);
          filled = 0;
          subscriber.next(full);
        }
      },
      complete() {
        if (filled > 0) subscriber.next(window.subarray(0, filled));
        subscriber.complete();
      },
    };
  });
}

function resident(): number {
  return Math.round(process.memoryUsage.rss() / MIB);
}

async function measure(leg: string, run: () => Promise<[bytes: number, inFlight: number]>): Promise<Report> {
  const residentStart = resident();
  let residentPeak = residentStart;
  const sample = (): void => void (residentPeak = Math.max(residentPeak, resident()));
  const sampler = setInterval(sample, 100);
  const started = performance.now();
  const [bytes, inFlight] = await run();
  const seconds = (performance.now() - started) / 1000;
  sample();
  clearInterval(sampler);
  return { leg, bytes, seconds: Math.round(seconds * 100) / 100, residentStart, residentPeak, inFlight };
}

function reportText({ leg, bytes, seconds, residentStart, residentPeak, inFlight }: Report): string {
  const size = `${(bytes / 1024 / MIB).toFixed(2)} GiB in ${seconds.toFixed(1)} s`.padEnd(24);
  const memory = `resident ${residentStart} MiB, at most ${residentPeak} MiB`;
  return `${leg.padEnd(8)} ${size} ${memory}; at most ${inFlight} in flight`;
}
