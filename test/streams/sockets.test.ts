// WebSockets and server-sent events: in Node, and with the same parts in Chromium where it is installed.
import { lastValueFrom, Subject, take, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requested } from '../../src/flow/demand.js';
import { eventParser } from '../../src/streams/eventParser.js';
import { fromEventSource } from '../../src/streams/fromEventSource.js';
import { fromWebSocket, type Socket } from '../../src/streams/fromWebSocket.js';
import { outcome } from '../source/temporary.js';
import { turns } from '../support/leaving.js';
import { until } from '../support/until.js';
import { startServer } from './server.js';

/** A socket whose events the test makes. */
function fakeSocket() {
  const listeners = new Map<string, (event: never) => void>();
  const socket = {
    binaryType: '',
    closes: 0,
    addEventListener: (name: string, listener: (event: never) => void) => void listeners.set(name, listener),
    close: () => void (socket.closes += 1),
    emit: (name: string, event: object = {}) => listeners.get(name)!(event as never),
  };
  return socket satisfies Socket as Socket & typeof socket;
}

test('fromWebSocket: messages, bytes as ArrayBuffer, a clean end, and leaving closes it', async () => {
  const socket = fakeSocket();
  const seen: unknown[] = [];
  fromWebSocket(() => socket).subscribe({ next: (data) => seen.push(data), complete: () => seen.push('end') });
  assert.is(socket.binaryType, 'arraybuffer');
  socket.emit('message', { data: 'a' });
  socket.emit('close', { code: 1005, reason: '' });
  assert.equal(seen, ['a', 'end']);
  const other = fakeSocket();
  fromWebSocket(() => other)
    .pipe(take(1))
    .subscribe((data) => seen.push(data));
  other.emit('message', { data: 'b' });
  other.emit('message', { data: 'c' });
  assert.equal([seen.slice(2), other.closes > 0], [['b'], true]);
});

test('fromWebSocket: codes, failures and overflow are errors, and what a peer writes is made visible', () => {
  const failure = (event: string, details: object, before: readonly string[] = []): string => {
    const socket = fakeSocket();
    const demand$ = new Subject<number>();
    let message = '';
    fromWebSocket(() => socket, { limit: 1, demand: requested(demand$) }).subscribe({
      error: (error: Error) => (message = error.message),
    });
    for (const data of before) socket.emit('message', { data });
    if (before.length > 1) assert.is(socket.closes, 1);
    socket.emit(event, details);
    demand$.next(9);
    return message;
  };
  assert.is(
    failure('close', { code: 1011, reason: '\u001b[31mred' }),
    'fromWebSocket: the connection was closed with code 1011: \\u001b[31mred',
  );
  assert.is(failure('close', { code: 1006, reason: '' }), 'fromWebSocket: the connection was closed with code 1006');
  assert.is(failure('error', {}), 'fromWebSocket: the connection failed');
  assert.is(failure('error', { message: 'no route' }), 'fromWebSocket: no route');
  assert.match(failure('close', { code: 1000 }, ['a', 'b']), /^fromWebSocket: 1 values wait for a slower reader/);
});

test('fromWebSocket: an address needs a platform that has sockets', async () => {
  if ('WebSocket' in globalThis) return;
  const { error } = await outcome(fromWebSocket('ws://localhost'));
  assert.match(
    error!.message,
    /^fromWebSocket: this platform has no WebSocket; give a function that opens one, such as/,
  );
  assert.throws(() => fromWebSocket(1 as never), /^fromWebSocket: socket must be a URL or a function that opens one/);
});

for (const [what, pieces, events] of [
  ['fields, comments, several lines of data', [': hi\nevent: e\ndata: a\ndata:b\ndata\nid: 7\n\n'], ['e|a\nb\n|7']],
  ['one space after the colon is dropped', ['data:  a\n\n'], ['message| a|']],
  [
    'endings of each kind, cut anywhere',
    ['data: a\r', '\n\r', '\ndata: b\r\rda', 'ta: c\n', '\n'],
    ['message|a|', 'message|b|', 'message|c|'],
  ],
  ['an event without data is none, its type is forgotten', ['event: e\n\ndata: a\n\n'], ['message|a|']],
  [
    'the identifier stays',
    ['id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n'],
    ['message|a|1', 'message|b|1', 'message|c|'],
  ],
  ['an identifier with NUL is ignored', ['id: a\0b\ndata: a\n\n'], ['message|a|']],
  ['a byte order mark', ['\ufeffdata: a\n\n'], ['message|a|']],
  ['an event without its blank line is dropped', ['data: a\n\ndata: b\n'], ['message|a|']],
  ['unknown fields', ['data:a\nother: x\nDATA: y\n\n'], ['message|a|']],
] as const) {
  test(`events: ${what}`, () => {
    const parser = eventParser();
    const found = pieces.flatMap((piece) => parser.push(piece));
    assert.equal(
      found.map(({ type, data, id }) => `${type}|${data}|${id}`),
      events,
    );
    const byUnit = eventParser();
    assert.equal(
      [...pieces.join('')].flatMap((unit) => byUnit.push(unit)),
      found,
    );
  });
}

test('events: the time before connecting again', () => {
  const parser = eventParser();
  parser.push('retry: 20\nretry: 2s\n');
  assert.is(parser.retry, 20);
});

test('events: one that never ends is refused', () => {
  const parser = eventParser();
  const line = `data: ${'a'.repeat(1024 * 1024)}\n`;
  assert.throws(() => {
    for (let i = 0; i < 20; i++) parser.push(line);
  }, /^fromEventSource: an event is longer than 16777216 characters$/);
});

test('fromEventSource: events of a response, its end, headers and a body', async () => {
  const requests: string[] = [];
  const server = await startServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      requests.push([request.method, request.headers.accept, request.headers['x-key'], body].join(' '));
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      response.end('data: é\n\nevent: last\ndata: b\nid: 2\n\n');
    });
  });
  try {
    const url = `http://127.0.0.1:${server.port}/`;
    const events = await lastValueFrom(fromEventSource(url, { headers: { 'X-Key': 'k' }, body: '{}' }).pipe(toArray()));
    assert.equal(events, [
      { type: 'message', data: 'é', id: '' },
      { type: 'last', data: 'b', id: '2' },
    ]);
    assert.equal((await outcome(fromEventSource(new URL(url)))).values.length, 2);
    assert.equal(requests, ['POST text/event-stream k {}', 'GET text/event-stream  ']);
  } finally {
    server.close();
  }
});

test('fromEventSource: another status or type is an error, 204 completes', async () => {
  const answers = [
    [500, 'text/plain'],
    [200, 'text/html'],
    [204, 'text/event-stream'],
  ] as const;
  let next = 0;
  const server = await startServer((_request, response) => {
    const [status, type] = answers[next++]!;
    response.writeHead(status, { 'content-type': type }).end();
  });
  try {
    const url = `http://127.0.0.1:${server.port}/`;
    for (const message of ['expected status 200, got 500', 'expected text/event-stream, got text/html']) {
      const { error } = await outcome(fromEventSource(url, { reconnect: true }));
      assert.is(error?.message, `fromEventSource: ${message}`);
    }
    assert.equal(await outcome(fromEventSource(url, { reconnect: true })), { values: [], error: undefined });
  } finally {
    server.close();
  }
});

test('fromEventSource: connects again with the last identifier, after the time that the server names', async () => {
  const last: (string | undefined)[] = [];
  const server = await startServer((request, response) => {
    last.push(request.headers['last-event-id'] as string | undefined);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`retry: 1\nid: ${last.length}\ndata: ${last.length}\n\n`);
    setTimeout(() => (last.length === 2 ? response.destroy() : response.end()), 20); // the second fails in the middle
  });
  try {
    const url = `http://127.0.0.1:${server.port}/`;
    const events = await lastValueFrom(fromEventSource(url, { reconnect: true }).pipe(take(3), toArray()));
    assert.equal(
      events.map(({ data }) => data),
      ['1', '2', '3'],
    );
    assert.equal(last, [undefined, '1', '2']);
  } finally {
    server.close();
  }
});

test('fromEventSource: a slow reader slows the server down, and leaving ends the request', async () => {
  let written = 0;
  let closed = false;
  const server = await startServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.on('close', () => (closed = true));
    const data = `data: ${'a'.repeat(64 * 1024)}\n\n`;
    const more = (): void => {
      while (!response.destroyed && response.write(data)) written += 1;
    };
    response.on('drain', more);
    more();
  });
  try {
    const demand$ = new Subject<number>();
    let seen = 0;
    const subscription = fromEventSource(`http://127.0.0.1:${server.port}/`, { demand: requested(demand$) }).subscribe(
      () => (seen += 1),
    );
    demand$.next(2);
    await until(() => seen === 2);
    for (let quiet = 0, before = -1; quiet < 3; quiet = written === before ? quiet + 1 : 0) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    assert.ok(written < 1000, `${written * 64} KiB were sent`); // the buffers of the system, a few MiB
    assert.not(closed);
    subscription.unsubscribe();
    await until(() => closed);
    await turns();
    assert.is(seen, 2);
  } finally {
    server.close();
  }
});

test.run();
