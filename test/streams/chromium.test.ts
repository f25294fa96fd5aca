// `rxrnn/streams` in Chromium, where it is installed: the platform's Observable, Web Streams, sockets and events.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startServer } from './server.js';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env['CHROMIUM'] ?? PLACES.find((path) => existsSync(path));
const inChromium = executablePath ? test : test.skip;
if (!executablePath) console.log(`SKIPPED Chromium: none of ${PLACES.join(', ')}, and CHROMIUM names none`);

inChromium('a page sends values out and back in, and reads sockets and events', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'rxrnn',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  assert.not(Object.keys(metafile.inputs).some((path) => /^node:|rxjs9|src\/source/.test(path)));
  const server = await startServer(
    (request, response) => {
      const events = request.url === '/events';
      response.writeHead(200, { 'content-type': events ? 'text/event-stream' : 'text/html' });
      response.end(events ? 'data: a\n\nevent: b\nid: 1\ndata: c\n\n' : '<!doctype html><title>streams</title>');
    },
    (socket, path) => {
      if (path === '/bad') return socket.close(1011, 'no\u0007');
      socket.send('a');
      socket.send(Uint8Array.of(1, 2));
      if (path === '/endless') {
        const timer = setInterval(() => socket.send('more'), 1);
        void socket.closed.then(() => clearInterval(timer));
      } else socket.close(1000);
    },
  );
  const browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.port}/`);
    await page.addScriptTag({ content: outputFiles[0]!.text });
    const all = await page.evaluate<Record<string, unknown>>(`rxrnn.page(${server.port})`);
    const { platform, native, endless, most, ...found } = all;
    assert.equal(found, {
      failed: ['a', 'it failed'],
      gzip: 'to be',
      body: 'ab',
      socket: ['a', [1, 2]],
      code: 'fromWebSocket: the connection was closed with code 1011: no\\u0007',
      left: ['a', [1, 2], 'more'],
      events: [
        { type: 'message', data: 'a', id: '' },
        { type: 'b', data: 'c', id: '1' },
      ],
    });
    assert.equal([platform, native, endless], [true, [1, 4, 9], 3]);
    assert.ok((most as number) > 0 && (most as number) <= 12, `${String(most)} chunks were in flight`);
  } finally {
    await browser.close();
    server.close();
  }
});

test.run();
