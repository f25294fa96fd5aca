import { Observable } from 'rxjs';
import { callable } from '../check/callable.js';
import { options as checkOptions } from '../check/options.js';
import { show } from '../check/show.js';
import { visible } from '../check/visible.js';
import { closeCursor } from '../flow/closeCursor.js';
import { pull } from '../flow/pull.js';
import { BOUNDED_CHECKS, type BoundedOptions, pushQueue } from '../flow/pushQueue.js';

/** What a message of a WebSocket holds: text, or bytes. */
export type SocketMessage = string | ArrayBuffer;

/** The part of a `WebSocket` that is used: a browser's, Node's (from 22 on), or one of the package ws. */
export interface Socket {
  binaryType: string;
  addEventListener(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(event: 'error', listener: (event: { readonly message?: string }) => void): void;
  addEventListener(event: 'close', listener: (event: SocketClose) => void): void;
  close(): void;
}

interface SocketClose {
  readonly code: number;
  readonly reason: string;
}

/**
 * Emits the messages of a WebSocket, which is opened on each subscription and closed when it is left.
 *
 * ```
 * socket:         --a-b----x      open, messages, closed with code 1000
 * fromWebSocket:  --a-b----|
 * ```
 *
 * Text arrives as strings, bytes as `ArrayBuffer`. A socket cannot be asked to wait: up to `limit` messages wait for
 * `demand`, and `overflow` says what becomes of one more. Codes 1000 and 1005 complete it, every other one is an Error, as
 * is a connection that fails. An Error where the platform has no WebSocket (Node 20): give the function that opens one.
 *
 * ```ts
 * import { take } from 'rxjs';
 * import { fromWebSocket, type SocketMessage } from 'rxrnn/streams';
 *
 * const socket = (): never => {
 *   throw new Error('there is no network'); // new WebSocket('wss://example.org/readings')
 * };
 * fromWebSocket(socket, { limit: 100, overflow: 'dropOldest' })
 *   .pipe(take(3))
 *   .subscribe({
 *     next: (message: SocketMessage) => console.log(message),
 *     error: (error: Error) => console.log(error.message), // -> there is no network
 *   });
 * ```
 */
export function fromWebSocket(
  socket: string | URL | (() => Socket),
  options: BoundedOptions<SocketMessage> = {},
): Observable<SocketMessage> {
  const { demand, ...rest } = checkOptions<BoundedOptions<SocketMessage>>('fromWebSocket', options, BOUNDED_CHECKS);
  const open = opener(socket);
  return new Observable((subscriber) => {
    const messages = pushQueue<SocketMessage>('fromWebSocket', rest);
    const opened = open();
    callable('fromWebSocket', 'socket.addEventListener', (opened as Partial<Socket> | undefined)?.addEventListener);
    let isOpen = true;
    const close = (): void => {
      if (isOpen) closeCursor({ return: () => opened.close() });
      isOpen = false;
    };
    opened.binaryType = 'arraybuffer';
    opened.addEventListener('message', ({ data }) => {
      messages.push(data as SocketMessage);
      if (messages.closed) close(); // too many: nothing more is read
    });
    opened.addEventListener('error', ({ message }) => {
      const reason = message === undefined || message === '' ? 'the connection failed' : visible(message);
      messages.fail(new Error(`fromWebSocket: ${reason}`));
    });
    opened.addEventListener('close', ({ code, reason }) => {
      if (code === 1000 || code === 1005) return messages.end();
      const why = reason === '' ? '' : `: ${visible(reason, { most: 100 })}`;
      messages.fail(new Error(`fromWebSocket: the connection was closed with code ${code}${why}`));
    });
    subscriber.add(close);
    pull(() => messages.cursor, demand).subscribe(subscriber);
  });
}

function opener(socket: string | URL | (() => Socket)): () => Socket {
  if (typeof socket === 'function') return socket;
  if (typeof socket !== 'string' && !(socket instanceof URL)) {
    throw new TypeError(`fromWebSocket: socket must be a URL or a function that opens one, got ${show(socket)}`);
  }
  return () => {
    const { WebSocket } = globalThis as { readonly WebSocket?: new (url: string | URL) => Socket };
    if (WebSocket === undefined) {
      throw new Error(
        'fromWebSocket: this platform has no WebSocket; give a function that opens one, such as ' +
          '() => new WebSocket(url) with that of the package ws',
      );
    }
    return new WebSocket(socket);
  };
}
