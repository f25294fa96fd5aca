// What runs in the page of `chromium.test.ts`, bundled with the entry point for browsers.
import { concat, firstValueFrom, lastValueFrom, map, of, reduce, take, throwError, toArray } from 'rxjs';
import { concatMapBounded, credit, pull } from '../../src/index.browser.js';
import * as streams from '../../src/streams.browser.js';
import type { NativeObservable } from '../../src/streams.browser.js';

const { fromEventSource, fromNative, fromWebSocket, fromWebStream, throughWebStream, toNative, toWebStream } = streams;

/** The platform's observables, with one of their own operators. */
interface Platform<T> extends NativeObservable<T> {
  map<R>(change: (value: T) => R): Platform<R>;
}

/** All results as plain data; `port` is that of the server. */
export async function page(port: number): Promise<unknown> {
  const native = toNative<number, Platform<number>>(of(1, 2, 3));
  const failing = toNative(
    concat(
      of('a'),
      throwError(() => new Error('it failed')),
    ),
  );
  const failed: unknown[] = [];
  fromNative(failing).subscribe({ next: (value) => failed.push(value), error: ({ message }) => failed.push(message) });
  const packed$ = throughWebStream(of(new TextEncoder().encode('to be')), () => new CompressionStream('gzip'));
  const text$ = throughWebStream(packed$, () => new DecompressionStream('gzip'));
  const socket$ = fromWebSocket(`ws://127.0.0.1:${port}/`);
  return {
    platform: String((globalThis as { Observable?: unknown }).Observable).includes('[native code]'),
    native: await lastValueFrom(fromNative(native.map((n) => n * n)).pipe(toArray())),
    failed,
    endless: endless(),
    gzip: await lastValueFrom(text$.pipe(map((bytes) => new TextDecoder().decode(bytes as Uint8Array)))),
    body: await new Response(toWebStream(of('a', 'b')).pipeThrough(new TextEncoderStream())).text(),
    socket: await lastValueFrom(socket$.pipe(map(shown), toArray())),
    code: await firstValueFrom(fromWebSocket(`ws://127.0.0.1:${port}/bad`)).catch(({ message }: Error) => message),
    left: await lastValueFrom(fromWebSocket(`ws://127.0.0.1:${port}/endless`).pipe(take(3), map(shown), toArray())),
    events: await lastValueFrom(fromEventSource(`http://127.0.0.1:${port}/events`).pipe(toArray())),
    most: await mostInFlight(),
  };
}

function shown(message: string | ArrayBuffer): unknown {
  return typeof message === 'string' ? message : [...new Uint8Array(message)];
}

/** A source without end within subscribe, left after three values. */
function endless(): number {
  let pulled = 0;
  function* naturals(): Generator<number> {
    for (;;) yield pulled++;
  }
  fromNative(toNative(pull(naturals)))
    .pipe(take(3))
    .subscribe();
  return pulled;
}

/** The most chunks between source and sink, of 50 MiB through a Web Stream. */
async function mostInFlight(): Promise<number> {
  const [before, behind] = [credit({ high: 4 }), credit({ high: 2 })];
  let [made, read, most] = [0, 0, 0];
  function* chunks(): Generator<Uint8Array> {
    for (; made < 800; made++) {
      most = Math.max(most, made - read);
      yield new Uint8Array(64 * 1024);
    }
  }
  const bytes$ = fromWebStream(toWebStream(pull(chunks, before), { credit: before }), { demand: behind }).pipe(
    concatMapBounded(behind, async ({ length }) => {
      read += 1;
      if (read % 16 === 0) await new Promise((resolve) => setTimeout(resolve));
      return length;
    }),
    reduce((sum, length) => sum + length),
  );
  return (await lastValueFrom(bytes$)) === 50 * 1024 * 1024 ? most : NaN;
}
