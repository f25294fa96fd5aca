// Streams and servers that do not keep to the rules: each is read or refused by an error that says what is wrong, and none
// ends the process or is asked again without end.
import { EventEmitter } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { config, concat, of, Subject, take, throwError } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  fromEventSource,
  fromWebSocket,
  fromWebStream,
  throughWebStream,
  toWebStream,
} from '../../src/streams.browser.js';
import { outcome } from '../source/temporary.js';
import { turns } from '../support/leaving.js';
import { until } from '../support/until.js';
import { startServer } from './server.js';

/** A stream whose source is given, in part. */
function streamOf(
  source: NonNullable<ConstructorParameters<typeof ReadableStream<unknown>>[0]>,
): ReadableStream<unknown> {
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** What is said of a failing close, and every rejection that nobody handles, while a body runs. */
async function late(body: () => Promise<void>): Promise<unknown[]> {
  const found: unknown[] = [];
  const note = (error: unknown): void => void found.push(error);
  const { onUnhandledError } = config;
  config.onUnhandledError = note;
  (process as EventEmitter).on('unhandledRejection', note);
  try {
    await body();
    await turns();
    await setTimeout(5);
  } finally {
    config.onUnhandledError = onUnhandledError;
    (process as EventEmitter).off('unhandledRejection', note);
  }
  return found;
}

test('fromWebStream: what a stream fails with is the error, whatever it is', async () => {
  for (const error of [new RangeError('it failed'), 'text', undefined, null, 0]) {
    const stream = streamOf({
      pull(controller) {
        controller.enqueue(1);
        controller.error(error);
      },
    });
    let seen: unknown = 'nothing';
    fromWebStream(stream).subscribe({ error: (reason: unknown) => (seen = reason) });
    await turns();
    assert.is(seen, error);
  }
});

test('fromWebStream: streams that are locked, or closed, or failed before', async () => {
  const locked = streamOf({});
  const reader = locked.getReader();
  for (const stream of [locked, () => locked]) {
    assert.match(
      (await outcome(fromWebStream(stream))).error!.message,
      /^fromWebStream: the stream is locked, so some/,
    );
  }
  reader.releaseLock();
  const closed = streamOf({ start: (controller) => controller.close() });
  assert.equal(await outcome(fromWebStream(closed)), { values: [], error: undefined });
  assert.not(closed.locked);
  const [one, other] = streamOf({ pull: (controller) => (controller.enqueue(1), controller.close()) }).tee();
  assert.equal(
    (await Promise.all([one, other].map((half) => outcome(fromWebStream(half))))).map(({ values }) => values),
    [[1], [1]],
  );
});

test('fromWebStream: bytes of a byte stream, and the end of a request that is aborted', async () => {
  let left = 3;
  const bytes = new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: 4,
    pull(controller) {
      const view = controller.byobRequest!.view as Uint8Array;
      view[0] = left;
      controller.byobRequest!.respond(1);
      if (--left === 0) controller.close();
    },
  });
  const { values } = await outcome(fromWebStream<Uint8Array>(bytes));
  assert.equal(values.map((chunk) => [...chunk]), [[3], [2], [1]]); // prettier-ignore
  const server = await startServer((_request, response) => void response.write('a'));
  try {
    const leaving = new AbortController();
    const { body } = await fetch(`http://127.0.0.1:${server.port}/`, { signal: leaving.signal });
    const done = outcome(fromWebStream(body!));
    await turns();
    leaving.abort();
    assert.is((await done).error?.name, 'AbortError');
  } finally {
    server.close();
  }
});

test('fromWebStream: a cancel that throws, rejects or never ends comes too late to matter', async () => {
  for (const cancel of [
    () => {
      throw new Error('cancel failed');
    },
    () => Promise.reject(new Error('cancel failed')),
    () => new Promise<void>(() => undefined),
  ]) {
    const values$ = fromWebStream(streamOf({ pull: (controller) => controller.enqueue(1), cancel }));
    const found = await late(async () => assert.equal((await outcome(values$.pipe(take(2)))).values, [1, 1]));
    assert.equal(found.map(String), cancel.toString().includes('failed') ? ['Error: cancel failed'] : []);
  }
});

test('fromWebStream: objects that only look like streams', async () => {
  const reading = (read: unknown): ReadableStream =>
    ({ locked: false, getReader: () => ({ read, releaseLock() {}, cancel: () => Promise.resolve() }) }) as never;
  const said = async (read: unknown): Promise<string> => (await outcome(fromWebStream(reading(read)))).error!.message;
  assert.is(await said(() => Promise.resolve(undefined)), 'pull: next must give a step, got undefined');
  assert.is(await said(() => Promise.reject(new Error('no'))), 'no');
  for (const wrong of [{}, null, 5, { getReader: 1 }]) {
    const message =
      /^fromWebStream: (?:stream|the stream)\S* must be|^fromWebStream: stream\.getReader must be a function/;
    assert.throws(() => fromWebStream(wrong as never), message);
    assert.match((await outcome(fromWebStream(() => wrong as never))).error!.message, message);
  }
});

test('throughWebStream: what does not give a pair of streams, or one in use, is refused', async () => {
  const { readable } = new TransformStream();
  const used = new TransformStream();
  used.writable.getWriter();
  for (const pair of [undefined, null, 5, {}, { readable }, used]) {
    const found = await late(async () => {
      const { error } = await outcome(throughWebStream(of(1), () => pair as never));
      assert.match(
        error!.message,
        /^throughWebStream: what open gives must be a pair \{ writable, readable \} that noth/,
      );
    });
    assert.equal(found, []);
  }
  const { error } = await outcome(
    throughWebStream(of(1), () => {
      throw new Error('there is no codec');
    }),
  );
  assert.is(error?.message, 'there is no codec');
});

test('toWebStream: aborted pipes, errors and two readers leave nothing behind', async () => {
  const values$ = new Subject<number>();
  const leaving = new AbortController();
  const found = await late(async () => {
    const piped = toWebStream(values$).pipeTo(new WritableStream(), { signal: leaving.signal });
    await turns();
    values$.next(1);
    leaving.abort(new Error('left'));
    assert.is(await piped.catch(({ message }: Error) => message), 'left');
    await until(() => !values$.observed);
    const failing = toWebStream(concat(of(1), throwError(() => 'no'))); // prettier-ignore
    const reader = failing.getReader();
    assert.throws(() => failing.getReader(), /locked/);
    const [first, second] = await Promise.allSettled([reader.read(), reader.read()]);
    assert.equal([first.status, second], ['fulfilled', { status: 'rejected', reason: 'no' }]);
  });
  assert.equal(found, []);
});

test('fromEventSource: an identifier of any characters is sent back as UTF-8, or not at all', async () => {
  for (const [id, sent] of [
    ['日本é', '日本é'],
    ['a\u0001b', undefined],
    ['x'.repeat(5000), undefined],
    ['a b', 'a b'],
  ] as const) {
    const last: (string | undefined)[] = [];
    const server = await startServer((request, response) => {
      const header = request.headers['last-event-id'] as string | undefined;
      last.push(header && Buffer.from(header, 'latin1').toString());
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`retry: 1\nid: ${id}\ndata: a\n\n`);
    });
    try {
      const url = `http://127.0.0.1:${server.port}/`;
      await outcome(fromEventSource(url, { reconnect: true }).pipe(take(2)));
      assert.equal(last, [undefined, sent]);
    } finally {
      server.close();
    }
  }
});

test('fromEventSource: what no attempt could mend is an error, however often it may connect again', async () => {
  const options = { reconnect: true };
  assert.match((await outcome(fromEventSource('no address', options))).error!.message, /URL/);
  const headers = { 'a header': 'x' };
  assert.ok((await outcome(fromEventSource('http://127.0.0.1:9/', { ...options, headers }))).error);
  let closed = 0;
  const server = await startServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.on('close', () => (closed += 1));
    const line = `data: ${'a'.repeat(1024 * 1024)}\n`;
    const more = (): void => {
      while (!response.destroyed && response.write(line));
    };
    response.on('drain', more);
    more();
  });
  try {
    const { error } = await outcome(fromEventSource(`http://127.0.0.1:${server.port}/`, options));
    assert.is(error?.message, 'fromEventSource: an event is longer than 16777216 characters');
    await until(() => closed === 1);
  } finally {
    server.close();
  }
});

test('fromEventSource: a body that fails to be cancelled, and a socket that fails to close, come too late to matter', async () => {
  const failing = (): never => {
    throw new Error('close failed');
  };
  for (const cancel of [failing, () => Promise.reject(new Error('close failed')), 5]) {
    const fetch = (() => Promise.resolve({ status: 500, headers: new Headers(), body: { cancel } })) as never;
    const found = await late(async () => {
      assert.match(
        (await outcome(fromEventSource('http://a/', { fetch }))).error!.message,
        /expected status 200, got 500/,
      );
    });
    assert.is(found.length, 1);
  }
  const listeners = new Map<string, (event: { data: unknown }) => void>();
  const addEventListener = (event: string, listener: (event: { data: unknown }) => void) =>
    void listeners.set(event, listener);
  const socket = { binaryType: '', addEventListener, close: failing };
  const found = await late(async () => {
    const read = outcome(fromWebSocket(() => socket as never).pipe(take(1)));
    listeners.get('message')!({ data: 'a' });
    assert.equal((await read).values, ['a']);
  });
  assert.equal(found.map(String), ['Error: close failed']);
});

test('fromEventSource: the time that the server named holds until it names another', async () => {
  let requests = 0;
  const server = await startServer((_request, response) => {
    requests += 1;
    if (requests === 2) return void response.destroy();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (requests === 3) response.write('data: cut off');
    else response.write(requests === 1 ? 'retry: 1\ndata: a\n\n' : 'data: b\n\n');
    void setTimeout(10).then(() => (requests === 3 ? response.destroy() : response.end()));
  });
  const { setTimeout: schedule } = globalThis;
  const waits: unknown[] = [];
  globalThis.setTimeout = ((act: () => void, milliseconds?: number) => {
    waits.push(milliseconds);
    return schedule(act, milliseconds);
  }) as typeof schedule;
  try {
    await outcome(fromEventSource(`http://127.0.0.1:${server.port}/`, { reconnect: true }).pipe(take(2)));
    const shortest = waits.filter((milliseconds) => milliseconds === 100); // not those where no time was named
    assert.is(shortest.length, 3, String(waits));
  } finally {
    globalThis.setTimeout = schedule;
    server.close();
  }
});

test.run();
