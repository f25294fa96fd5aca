// Programs on this machine that attack the page's server: requests that are malformed, slow, huge or many. Each gets an
// answer that refuses it or none, memory stays, and the run and its page go on.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seeded } from '../../src/index.js';
import { desk } from '../../src/studio/desk.js';
import { pageFiles } from '../../src/studio/pageFiles.js';
import { servePage } from '../../src/studio/servePage.js';
import { steers } from '../check/hostile.js';
import { PATIENCE, until } from '../support/until.js';
import { lossesOf, watchedRun } from './runs.js';

interface Target {
  readonly port: number;
  readonly host: string;
  readonly token: string;
}

function targetOf(url: string): Target {
  const { port, host, searchParams } = new URL(url);
  return { port: Number(port), host, token: searchParams.get('token')! };
}

/** Sends bytes as they are; gives the start of what comes back, or nothing where nothing does for as long as said. */
async function raw({ port }: Target, bytes: string | Uint8Array, milliseconds = PATIENCE): Promise<string> {
  const socket = createConnection(port, '127.0.0.1');
  let text = '';
  const over = new AbortController();
  const ended = new Promise<void>((resolve) => {
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const [head, body = ''] = text.split('\r\n\r\n', 2);
      if (body.length >= Number(/content-length: (\d+)/i.exec(head!)?.[1] ?? Infinity)) resolve();
      if (/event-stream/.test(head!) && body !== '') resolve();
    });
    socket.on('close', () => resolve()).on('error', () => undefined);
  });
  socket.write(bytes);
  await Promise.race([ended, setTimeout(milliseconds, undefined, over).catch(() => undefined)]);
  over.abort();
  socket.destroy();
  return text;
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);

/** Whether the page is still there. */
async function isThere(target: Target): Promise<boolean> {
  return statusOf(await raw(target, `GET / HTTP/1.1\r\nHost: ${target.host}\r\nConnection: close\r\n\r\n`)) === 200;
}

/** Runs a body against a page that shows nothing. */
async function attacked(body: (target: Target) => Promise<void>, patience?: number): Promise<void> {
  await pageFiles(); // here it is built from its sources, which takes longer than the patience
  const shown = desk('attacked', {});
  const served = servePage(shown, 0, patience);
  try {
    const target = targetOf(await served.url);
    await body(target);
    assert.ok(await isThere(target), 'the page is gone');
  } finally {
    await served.close();
  }
}

test('requests that are none, and paths that lead out, get an answer that refuses them, or none', async () => {
  await attacked(async (target) => {
    const good = `Host: ${target.host}\r\n`;
    const token = `x-studio-token: ${target.token}\r\n`;
    for (const [request, allowed] of [
      ['\r\n\r\n\r\n', [0]],
      ['garbage\r\n\r\n', [400]],
      ['\u0016\u0003\u0001\u0002\u0000', [400]], // TLS
      ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [0, 400, 505]],
      [`GET / HTTP/1.1\r\n\r\n`, [400, 421]],
      [`GET / HTTP/1.0\r\n\r\n`, [421]],
      [`GET / HTTP/1.1\r\n${good}Host: evil.example\r\n\r\n`, [400, 421]],
      [`GET / HTTP/1.1\r\nHost: evil.example\r\n${good}\r\n`, [400, 421]],
      [`GET / HTTP/1.1\r\nHost: ${target.host}, evil.example\r\n\r\n`, [421]],
      [`GET / HTTP/1.1\r\nHost: ${target.host}.evil.example\r\n\r\n`, [421]],
      [`GET / HTTP/1.1\r\nHost: user@${target.host}\r\n\r\n`, [421]],
      [`GET / HTTP/1.1\r\n${good}Origin: http://evil.example\r\nOrigin: http://${target.host}\r\n\r\n`, [403]],
      [`GET / HTTP/1.1\r\n${good}X: ${'x'.repeat(20_000)}\r\n\r\n`, [431]],
      [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${good}\r\n`, [431, 414]],
      [`GET http://evil.example/page.js HTTP/1.1\r\n${good}\r\n`, [404]],
      [`GET http://${target.host}/page.js HTTP/1.1\r\n${good}\r\n`, [404]],
      [`CONNECT evil.example:80 HTTP/1.1\r\n${good}\r\n`, [0, 400, 403]],
      [`OPTIONS * HTTP/1.1\r\n${good}\r\n`, [403]],
      [`GET /events HTTP/1.1\r\n${good}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n`, [200, 400, 426]],
      ...['//etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fpackage.json', '/page.js/', '/page.js%00', '/PAGE.JS',
        '/..;/', '/\\..\\..\\package.json', '/__proto__', '/constructor', '/hasOwnProperty', '/events/', '/%', '/act',
        '/page.json', '/../studio.page.json', '/index.html', '/.git/config'] // prettier-ignore
        .map((path) => [`GET ${path} HTTP/1.1\r\n${good}\r\n`, [400, 404]] as const),
      ['GET /page.css?../../x HTTP/1.1\r\n' + good + '\r\n', [200]],
      [`POST /act HTTP/1.1\r\n${good}${token}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, [400]],
      [`POST /act HTTP/1.1\r\n${good}${token}Content-Length: -5\r\n\r\n`, [400]],
      [`POST /act HTTP/1.1\r\n${good}${token}Content-Length: 99999999999999999999\r\n\r\n`, [400]],
      [
        `POST /act HTTP/1.1\r\n${good}x-studio-token: ${target.token}\r\n${token}Content-Length: 2\r\n\r\n{}`,
        [400, 403],
      ],
      [`POST /act?token=${target.token.slice(0, -1)} HTTP/1.1\r\n${good}Content-Length: 2\r\n\r\n{}`, [403]],
      [`POST /act?token=%ff HTTP/1.1\r\n${good}Content-Length: 2\r\n\r\n{}`, [403]],
      [`POST /page.js HTTP/1.1\r\n${good}${token}Content-Length: 2\r\n\r\n{}`, [405]],
    ] as (readonly [string, readonly number[]])[]) {
      const answer = await raw(target, Buffer.from(request, 'latin1'), allowed[0] === 0 ? 200 : PATIENCE);
      const shown = JSON.stringify(request.slice(0, 100));
      assert.ok(allowed.includes(statusOf(answer)), `${shown} got ${JSON.stringify(answer.slice(0, 100))}`);
      assert.not.match(answer, /\n\s+at |node:|\/home|\/work|root:/, shown);
    }
  });
});

test('messages that are none are refused, and say why', async () => {
  const run = watchedRun({ fast: true });
  const target = targetOf(await run.page.url);
  const post = (body: Uint8Array): Promise<string> => {
    const head =
      `POST /act HTTP/1.1\r\nHost: ${target.host}\r\nConnection: close\r\nx-studio-token: ${target.token}\r\n` +
      `Content-Length: ${body.length}\r\n\r\n`;
    return raw(target, Buffer.concat([Buffer.from(head), body]));
  };
  const bodies = [
    '', ' ', 'null', '1', '-0', '1e999', 'true', '"pause"', '[]', '["pause"]', '{}', '{"name":null}', '{"name":["pause"]}',
    '{"name":{"toString":"pause"}}', '{"name":"__proto__","value":1}', '{"name":"constructor","value":1}',
    '{"__proto__":{"name":"pause"}}', '{"name":"learningRate"}', '{"name":"learningRate","value":1e999}',
    '{"name":"learningRate","value":"0.1"}', '{"name":"learningRate","value":-1e-320}', '{"name":"temperature","value":101}',
    '{"name":"topP","value":0}', '{"name":"step","value":1e9}', '{"name":"step","value":0.5}', '{"name":"reset","value":"../x"}',
    '{"name":"reset","value":null}', '{"name":"unit","value":1e300}', '{"name":"span","from":0,"to":9007199254740991}',
    '{"name":"span","from":-1,"to":2}', '{"name":"prompt","value":{"length":5}}', `{"a":${'['.repeat(2000)}`,
    `${'['.repeat(2000)}${']'.repeat(2000)}`, '{"name":"\\u0000"}', '{"name":"\u001b[31m"}', '\ufeff{"name":"pause"}',
  ]; // prettier-ignore
  try {
    for (const body of [
      ...bodies.map((text) => Buffer.from(text)),
      Uint8Array.of(0xff, 0xfe, 0x7b),
      new Uint8Array(4096),
    ]) {
      const answer = await post(body);
      const shown = Buffer.from(body).toString().slice(0, 60);
      assert.is(statusOf(answer), 400, shown);
      const [, said = ''] = answer.split('\r\n\r\n');
      assert.match(said, /^[^\n]{5,200}\n$/, shown);
      assert.not(steers(said, '\n'), shown);
      assert.not.match(said, /is not a function|Cannot |undefined \(/, shown);
    }
    assert.ok(await isThere(target));
  } finally {
    await run.page.close();
  }
});

test('clients that send slowly, or do not read, take no place from the page, and lose theirs', async () => {
  await attacked(async (target) => {
    const good = `Host: ${target.host}\r\n`;
    for (const start of [
      'G',
      `GET / HTTP/1.1\r\n${good}X: `,
      `POST /act HTTP/1.1\r\n${good}x-studio-token: ${target.token}\r\nContent-Length: 100\r\n\r\n{`,
      '', // says nothing
    ]) {
      const sockets = Array.from({ length: 64 }, () => createConnection(target.port, '127.0.0.1'));
      const dripping = sockets.map((socket) => {
        socket.on('error', () => undefined).resume();
        socket.write(start);
        return setInterval(() => start !== '' && socket.write('x'), 50);
      });
      await until(() => sockets.every(({ destroyed, connecting }) => destroyed || !connecting));
      try {
        assert.ok(await isThere(target), `while they take all places: ${JSON.stringify(start)}`);
        await until(() => sockets.every(({ destroyed }) => destroyed));
      } finally {
        for (const drip of dripping) clearInterval(drip);
      }
      assert.ok(await isThere(target), JSON.stringify(start));
    }
  }, 2000);
});

test('huge bodies are refused without being kept', async () => {
  await attacked(async (target) => {
    const before = process.memoryUsage().rss;
    for (const head of [`Content-Length: ${2 ** 40}`, 'Transfer-Encoding: chunked']) {
      const socket = createConnection(target.port, '127.0.0.1');
      let answer = '';
      let sent = 0;
      socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
      socket
        .on('error', () => undefined)
        .write(`POST /act HTTP/1.1\r\nHost: ${target.host}\r\nx-studio-token: ${target.token}\r\n${head}\r\n\r\n`);
      const chunk = 'x'.repeat(65_536);
      const send = (): void => {
        while (!socket.destroyed && socket.write(head.startsWith('T') ? `10000\r\n${chunk}\r\n` : chunk)) sent += 1;
      };
      socket.on('drain', send);
      send();
      await until(
        () => socket.destroyed,
        () => `it still reads after ${sent} chunks`,
      );
      assert.ok(answer === '' || statusOf(answer) === 413, answer.slice(0, 50)); // lost where the reset comes first
    }
    assert.ok(process.memoryUsage().rss - before < 200e6);
  });
});

test('of many requests on few connections, whose answers nobody reads, a hundred per connection get one', async () => {
  const answers: ServerResponse[] = [];
  const note = (message: unknown): void =>
    void answers.push((message as { readonly response: ServerResponse }).response);
  subscribe('http.server.request.start', note);
  try {
    await attacked(async (target) => {
      const request = `GET /run.html HTTP/1.1\r\nHost: ${target.host}\r\n\r\n`;
      const sockets = Array.from({ length: 8 }, () => createConnection(target.port, '127.0.0.1').pause());
      for (const socket of sockets) socket.on('error', () => undefined).write(request.repeat(2000));
      await until(() => answers.length > 2000);
      assert.ok(await isThere(target), 'others are answered');
      for (const socket of sockets) socket.destroy();
      const pages = answers.filter(({ statusCode }) => statusCode === 200).length;
      assert.ok(pages <= 8 * 100 + 1, `${pages} of ${answers.length} got the page`);
    });
  } finally {
    unsubscribe('http.server.request.start', note);
  }
});

test('connections that ask for nothing give way to a new page, the oldest first', async () => {
  await attacked(async (target) => {
    const open = new Set<Socket>();
    for (let i = 0; i < 300; i++) {
      const socket = createConnection(target.port, '127.0.0.1');
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
      socket.on('connect', () => socket.write('GET / HTTP/1.1\r\nHo'));
    }
    try {
      await until(() => open.size <= 64);
      for (let i = 0; i < 10; i++) assert.ok(await isThere(target), `page ${i}`);
      assert.ok(open.size > 0, 'those that fit stay');
    } finally {
      for (const socket of open) socket.destroy();
    }
  }, PATIENCE);
});

test('connections that come and go at random change no run, and leave no place taken', async () => {
  const alone = watchedRun({ fast: true });
  const expected = await lossesOf(alone.step$, 300);
  await alone.page.close();
  const run = watchedRun({ fast: true });
  const target = targetOf(await run.page.url);
  const random = seeded('connections');
  const ended = new AbortController();
  let made = 0;
  const open = new Set<Socket>();
  const storm = (async () => {
    while (!ended.signal.aborted) {
      const socket = createConnection(target.port, '127.0.0.1');
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
      const path = ['/events', '/', '/run.html', '/act'][random.integer(4)]!;
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${target.host}\r\n${random.integer(3) === 0 ? 'X: y' : '\r\n'}`);
      if (random.integer(2) === 0) socket.resume();
      made += 1;
      void setTimeout(random.integer(30)).then(() =>
        random.integer(2) === 0 ? socket.destroy() : socket.resetAndDestroy(),
      );
      await setTimeout(random.integer(3));
    }
  })();
  try {
    assert.equal(await lossesOf(run.step$, 300), expected);
    await until(() => made >= 200);
    ended.abort();
    await storm;
    await until(() => open.size === 0);
    const listen = (): Promise<string> => raw(target, `GET /events HTTP/1.1\r\nHost: ${target.host}\r\n\r\n`);
    await until(async () => {
      // the server hears of the last ends a little later
      const answers = await Promise.all(Array.from({ length: 16 }, listen));
      return answers.every((answer) => statusOf(answer) === 200);
    });
    assert.ok(await isThere(target));
  } finally {
    ended.abort();
    await run.page.close();
  }
});

test.run();
