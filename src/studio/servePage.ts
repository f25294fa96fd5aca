import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { parseJson } from '../check/parseJson.js';
import { reasonOf } from '../check/reasonOf.js';
import type { Viewer } from './board.js';
import type { Desk } from './desk.js';
import { exportText } from './exportText.js';
import { inlineJson } from './inlineJson.js';
import { hasToken } from './hasToken.js';
import { type PageFiles, pageFiles } from './pageFiles.js';
import { refusalOf } from './refusalOf.js';
import { shownTopics } from './shownTopics.js';

/** A server of one run. */
export interface Served {
  /** The address of the page, with the token. */
  readonly url: Promise<string>;
  /** Whether it keeps the process alive. */
  keep(alive: boolean): void;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** Limits: open connections, of them pages that listen, bytes of a message, and milliseconds for a request to arrive. */
const [CONNECTIONS, LISTENERS, LONGEST, PATIENCE] = [64, 16, 4096, 5000];
/** Open connections for a moment, and its milliseconds, in which one that is new can say what it wants. */
const [CROWD, MOMENT] = [512, 100];
/** Requests per connection, and patiences after which one is closed on which nothing moves. */
const [REQUESTS, IDLE] = [100, 6];
/** Milliseconds that pages have to take the end of the run, and for which a page that was saved is as good as a new one. */
const [CLOSING, SAVED] = [200, 200];

/** The headers of every answer. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Serves the page of a run on the loopback interface alone; `patience` is how long a request may take to arrive. */
export function servePage(desk: Desk, port = 0, patience: number = PATIENCE): Served {
  const token = randomBytes(18).toString('base64url');
  const sockets = new Set<Socket>();
  const busy = new Set<Socket>(); // an answer is under way
  const listeners = new Set<ServerResponse>();
  let alive = true;
  let crowded = false;
  let saved = { at: -Infinity, text: '' };
  let state = { at: -Infinity, steers: '', looks: '' };
  const server = createServer(
    {
      maxHeaderSize: 8192,
      requestTimeout: patience,
      headersTimeout: patience,
      connectionsCheckingInterval: patience / 2,
    },
    (request, response) => {
      const { socket } = request;
      if (request.method !== 'POST') busy.add(socket); // one with a body may not have arrived whole
      response.on('close', () => busy.delete(socket));
      answer(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else sendText(response, 500, reasonOf(error));
      });
    },
  );
  server.maxConnections = CROWD;
  server.maxRequestsPerSocket = REQUESTS;
  server.timeout = IDLE * patience; // of those that do not take their answer
  server.on('connection', (socket) => {
    sockets.add(socket);
    if (!alive) socket.unref();
    socket.on('close', () => sockets.delete(socket));
    if (crowded || sockets.size <= CONNECTIONS) return;
    crowded = true;
    setTimeout(makeRoom, MOMENT).unref();
  });
  const url = new Promise<string>((resolve, reject) => {
    server.on('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program uses it' : reasonOf(cause);
      reject(new Error(`studio: port ${port} cannot be used: ${why}`, { cause }));
    });
    server.listen(port, '127.0.0.1', () => {
      pageFiles().catch(() => undefined); // before a browser waits for them, which hears what is wrong
      resolve(`http://127.0.0.1:${portOf()}/?token=${token}`);
    });
  });

  /** Closes connections beyond the limit: the oldest on which no answer is under way, else the newest. */
  function makeRoom(): void {
    crowded = false;
    const idle = [...sockets].filter((socket) => !busy.has(socket));
    for (const socket of [...idle, ...[...sockets].toReversed()]) {
      if (sockets.size <= CONNECTIONS) return;
      sockets.delete(socket);
      socket.destroy();
    }
  }
  function portOf(): number {
    return (server.address() as AddressInfo | null)?.port ?? 0;
  }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const refusal = refusalOf(request, portOf(), token);
    if (refusal) return refuse(response, refusal.status, refusal.reason);
    const path = (request.url ?? '/').split('?')[0]!;
    if (request.method === 'POST' && path === '/act') return receive(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'GET, or POST to /act');
    if (path === '/events') return listen(request, response);
    if (path === '/run.html') {
      response.setHeader('Content-Disposition', 'attachment; filename="run.html"');
      return send(response, 200, 'text/html', savedPage(await pageFiles()));
    }
    const file = FILES[path];
    if (!file) return sendText(response, 404, 'there is no such page');
    const files = await pageFiles();
    if (file.part !== 'html') return send(response, 200, file.type, files[file.part]);
    const { steers, looks } = statePages(files);
    send(response, 200, file.type, hasToken(request, token) ? steers : looks);
  }
  /** The page with what the run shows now, inert, which it draws before it is connected. */
  function statePages({ html }: PageFiles): typeof state {
    const time = performance.now();
    if (time - state.at > SAVED) {
      const data = inlineJson({ id: desk.board.id, topics: shownTopics(desk.board) });
      const steers = html.replace('<script ', (script) => `<template id="now">${data}</template>\n    ${script}`);
      state = { at: time, steers, looks: steers.replace('<html ', '<html data-onlooker ') };
    }
    return state;
  }
  function savedPage(files: PageFiles): string {
    const time = performance.now();
    if (time - saved.at > SAVED) saved = { at: time, text: exportText(desk.board, files) };
    return saved.text;
  }
  /** Refuses without reading what else the other side sends. */
  function refuse(response: ServerResponse, status: number, reason: string): void {
    response.setHeader('Connection', 'close');
    sendText(response, status, reason);
  }
  function listen(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'HEAD') return send(response, 200, 'text/event-stream', '');
    if (listeners.size === LISTENERS) return refuse(response, 503, `${LISTENERS} pages are open already`);
    listeners.add(response);
    request.socket.setTimeout(0); // while nothing is new, nothing is sent
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    response.write('retry: 500\n\n');
    const viewer: Viewer = {
      ready: () => !response.writableNeedDrain && !response.destroyed,
      send(topic, data, id) {
        if (!response.destroyed)
          response.write(`event: ${topic}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
      },
    };
    const last = request.headers['last-event-id'];
    const drawn = new URLSearchParams((request.url ?? '').split('?')[1]).get('drawn'); // with the page itself
    const detach = desk.attach(viewer, typeof last === 'string' ? last : (drawn ?? undefined));
    response.on('close', () => {
      listeners.delete(response);
      detach();
    });
  }
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request) {
      length += (chunk as Buffer).length;
      if (length > LONGEST) return refuse(response, 413, `a message has at most ${LONGEST} bytes`);
      chunks.push(chunk as Buffer);
    }
    try {
      desk.receive(parseJson('a message', Buffer.concat(chunks).toString('utf8')));
      desk.board.flush();
      response.writeHead(204).end();
    } catch (error) {
      sendText(response, 400, reasonOf(error));
    }
  }
  return {
    url,
    keep(keeps) {
      alive = keeps;
      for (const it of [server, ...sockets]) {
        if (keeps) it.ref();
        else it.unref();
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const response of listeners) response.end();
        for (const socket of sockets) socket.destroySoon(); // the end of the run is still sent
        setTimeout(() => sockets.forEach((socket) => socket.destroy()), CLOSING).unref();
      }),
  };
}

/** What is served, by path. */
const FILES: Readonly<Record<string, { readonly type: string; readonly part: keyof PageFiles }>> = {
  '/': { type: 'text/html', part: 'html' },
  '/page.js': { type: 'text/javascript', part: 'script' },
  '/page.css': { type: 'text/css', part: 'style' },
};

function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, 'text/plain', `${text}\n`);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
