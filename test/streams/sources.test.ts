import { Duplex, PassThrough, Readable } from 'node:stream';
import { type Observable, of, throwError } from 'rxjs';
import { ColdObservable } from 'rxjs9';
import { test } from 'uvu';
import { type Credit, credit } from '../../src/flow/credit.js';
import type { Demand } from '../../src/flow/demand.js';
import { yielding } from '../../src/flow/yielding.js';
import { unlimited } from '../../src/flow/demand.js';
import { pull } from '../../src/flow/pull.js';
import { fromNodeStream } from '../../src/source/fromNodeStream.js';
import { throughNodeStream } from '../../src/source/throughNodeStream.js';
import type { ServerEvent } from '../../src/streams/eventParser.js';
import { fromAsyncIterable } from '../../src/streams/fromAsyncIterable.js';
import { fromEventSource } from '../../src/streams/fromEventSource.js';
import { fromNative } from '../../src/streams/fromNative.js';
import { fromWebSocket, type Socket } from '../../src/streams/fromWebSocket.js';
import { fromWebStream } from '../../src/streams/fromWebStream.js';
import { throughWebStream } from '../../src/streams/throughWebStream.js';
import { type Endless, sourceRow, sourceTable } from '../support/sourceTable.js';
import { startServer } from './server.js';

const VALUES = ['a', 'b', 'c'];
const failure = (): Error => new Error('it failed');

/** Counts what an endless generator gives. */
function counted<T>(
  most: number,
  make: (naturals: () => Generator<number>, inFlight: Credit) => Observable<T>,
): Endless<T> {
  let taken = 0;
  let held = false;
  function* naturals(): Generator<number> {
    held = true;
    try {
      for (;;) yield taken++;
    } finally {
      held = false;
    }
  }
  return { source: make(naturals, credit({ high: 4 })), taken: () => taken, most, held: () => held };
}

/** A Web Stream that gives these, then ends or fails. */
function webStream(values: readonly string[], error?: Error): ReadableStream<string> {
  const rest = [...values];
  return new ReadableStream(
    {
      pull(controller) {
        if (rest.length > 0) controller.enqueue(rest.shift()!);
        else if (error) controller.error(error);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function nodeStream(values: readonly string[], error?: Error): Readable {
  const rest = [...values];
  return new Readable({
    objectMode: true,
    highWaterMark: 1,
    read() {
      if (rest.length > 0) this.push(rest.shift());
      else if (error) setImmediate(() => this.destroy(error));
      else this.push(null);
    },
  });
}

/** A socket that sends these, then is closed; without them messages without end. */
function socket(values?: readonly string[], code = 1000): Socket & { readonly sent: () => number; open: boolean } {
  const listeners: Record<string, (event: never) => void> = {};
  let sent = 0;
  const made = {
    binaryType: '',
    open: true,
    sent: () => sent,
    addEventListener: (name: string, listener: (event: never) => void) => void (listeners[name] = listener),
    close: () => void (made.open = false),
  };
  setImmediate(function send() {
    if (!made.open) return;
    for (const data of values ?? ['x']) {
      sent += 1;
      listeners['message']!({ data } as never);
    }
    if (values) listeners['close']!({ code, reason: '' } as never);
    else setImmediate(send);
  });
  return made;
}

const demanded = (demand?: Demand): { demand?: Demand } => (demand ? { demand } : {});
const server = await startServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (request.url === '/') return void response.end('data: a\n\ndata: b\n\ndata: c\n\n');
  if (request.url === '/empty') return void response.end();
  response.end(`data: a\n\ndata: ${'b'.repeat(17 * 1024 * 1024)}\n`);
});
test.after(() => server.close());
const events = (path: string, demand?: Demand) =>
  fromEventSource(`http://127.0.0.1:${server.port}/${path}`, demanded(demand));

sourceTable({
  fromAsyncIterable: sourceRow<unknown>({
    source: (demand) => fromAsyncIterable<unknown>(VALUES, demanded(demand)),
    values: VALUES,
    empty: () => fromAsyncIterable([]),
    fails: {
      source: () =>
        fromAsyncIterable(async function* (): AsyncGenerator<string, void, void> {
          yield 'a';
          throw failure();
        }),
      values: ['a'],
      error: 'it failed',
    },
    endless: () => counted(3, (naturals) => fromAsyncIterable(naturals, { demand: yielding(unlimited) })),
  }),
  fromWebStream: sourceRow<unknown>({
    source: (demand) => fromWebStream<unknown>(() => webStream(VALUES), demanded(demand)),
    values: VALUES,
    empty: () => fromWebStream(() => webStream([])),
    fails: { source: () => fromWebStream(() => webStream(['a'], failure())), values: ['a'], error: 'it failed' },
    endless() {
      let taken = 0;
      let open = 0;
      const stream = () =>
        new ReadableStream<number>({
          start: () => void (open += 1),
          pull: (controller) => controller.enqueue(taken++),
          cancel: () => void (open -= 1),
        });
      return { source: fromWebStream(stream), taken: () => taken, most: 5, held: () => open > 0 };
    },
  }),
  'fromWebStream, one stream': sourceRow<unknown>({
    source: (demand) => fromWebStream<unknown>(webStream(VALUES), demanded(demand)),
    values: VALUES,
    empty: () => fromWebStream(webStream([])),
    fails: { source: () => fromWebStream(webStream(['a'], failure())), values: ['a'], error: 'it failed' },
    endless() {
      let taken = 0;
      let open = true;
      const stream = new ReadableStream<number>({
        pull: (controller) => controller.enqueue(taken++),
        cancel: () => void (open = false),
      });
      return { source: fromWebStream(stream), taken: () => taken, most: 5, held: () => open };
    },
    once: 'fromWebStream: a stream can be read only once; give a function that opens one for each subscription',
  }),
  throughWebStream: sourceRow<unknown>({
    source: (demand) =>
      throughWebStream<unknown, unknown>(of(...VALUES), () => new TransformStream(), demanded(demand)),
    values: VALUES,
    empty: () => throughWebStream(of<string>(), () => new TransformStream<string, string>()),
    fails: { source: () => throughWebStream(throwError(failure), () => new TransformStream()), error: 'it failed' },
    endless: () =>
      counted(20, (naturals, inFlight) =>
        throughWebStream<unknown, unknown>(pull(naturals, inFlight), () => new TransformStream(), { credit: inFlight }),
      ),
  }),
  fromNodeStream: sourceRow<unknown>({
    source: (demand) => fromNodeStream<unknown>(() => nodeStream(VALUES), demanded(demand)),
    values: VALUES,
    empty: () => fromNodeStream(() => nodeStream([])),
    fails: { source: () => fromNodeStream(() => nodeStream(['a'], failure())), values: ['a'], error: 'it failed' },
    endless() {
      let taken = 0;
      let stream: Readable | undefined;
      const open = () =>
        (stream = new Readable({
          objectMode: true,
          highWaterMark: 1,
          read() {
            setImmediate(() => void (this.destroyed || this.push(taken++)));
          },
        }));
      return {
        source: fromNodeStream<number>(open),
        taken: () => taken,
        most: 5,
        held: () => stream?.destroyed === false,
      };
    },
  }),
  throughNodeStream: sourceRow<unknown>({
    source: (demand) =>
      throughNodeStream<unknown>(of(...VALUES), () => new PassThrough({ objectMode: true }), demanded(demand)),
    values: VALUES,
    empty: () => throughNodeStream(of(), () => new PassThrough()),
    fails: { source: () => throughNodeStream(throwError(failure), () => new PassThrough()), error: 'it failed' },
    endless() {
      let taken = 0;
      const opened: Duplex[] = [];
      function* naturals(): Generator<number> {
        for (;;) yield taken++;
      }
      const open = () => {
        const made = new PassThrough({ objectMode: true, highWaterMark: 1 });
        opened.push(made);
        return made;
      };
      const inFlight = credit({ high: 4 });
      const source = throughNodeStream<unknown>(pull(naturals, inFlight), open, { credit: inFlight });
      return { source, taken: () => taken, most: 20, held: () => opened.some(({ destroyed }) => !destroyed) };
    },
  }),
  fromNative: sourceRow<unknown>({
    source: () => fromNative<unknown>(ColdObservable.from(VALUES)),
    values: VALUES,
    empty: () => fromNative(new ColdObservable<string>((subscriber) => subscriber.complete())),
    fails: {
      source: () =>
        fromNative(
          new ColdObservable<string>((subscriber) => {
            subscriber.next('a');
            subscriber.error(failure());
          }),
        ),
      values: ['a'],
      error: 'it failed',
    },
    endless() {
      let taken = 0;
      let held = false;
      const native = new ColdObservable<number>((subscriber) => {
        held = true;
        subscriber.addTeardown(() => (held = false));
        while (subscriber.active) subscriber.next(taken++);
      });
      return { source: fromNative(native), taken: () => taken, most: 3, held: () => held };
    },
    synchronous: true,
    undemanded: "the platform's observables cannot be asked to wait",
  }),
  fromWebSocket: sourceRow<unknown>({
    source: (demand) => fromWebSocket(() => socket(VALUES), demanded(demand)),
    values: VALUES,
    empty: () => fromWebSocket(() => socket([])),
    fails: {
      source: () => fromWebSocket(() => socket(['a'], 1006)),
      values: ['a'],
      error: 'fromWebSocket: the connection was closed with code 1006',
    },
    endless() {
      const made = socket();
      return { source: fromWebSocket(() => made), taken: made.sent, most: 10, held: () => made.open };
    },
  }),
  fromEventSource: sourceRow<unknown>({
    source: (demand) => events('', demand),
    values: VALUES,
    look: (event) => (event as ServerEvent).data,
    empty: () => events('empty'),
    fails: {
      source: () => events('fails'),
      values: ['a'],
      error: 'fromEventSource: an event is longer than 16777216 characters',
    },
    endless() {
      let taken = 0;
      let open = 0;
      const endless: typeof fetch = async (_url, { signal } = {}) => {
        open += 1;
        const body = new ReadableStream(
          {
            start(controller) {
              signal?.addEventListener('abort', () => {
                open -= 1;
                controller.error(signal.reason);
              });
            },
            pull(controller) {
              taken += 1;
              controller.enqueue(new TextEncoder().encode('data: a\n\n'));
            },
          },
          { highWaterMark: 0 },
        );
        return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
      };
      const source = fromEventSource('http://localhost/', { fetch: endless });
      return { source, taken: () => taken, most: 3, held: () => open > 0 };
    },
  }),
});

test.run();
