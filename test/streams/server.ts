// A server on this machine that sends events and WebSocket messages.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface TestServer {
  readonly port: number;
  close(): void;
}

/** Starts a server: `answer` gets requests, `talk` what is to be sent on each WebSocket. */
export async function startServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  talk: (socket: ServerSocket, path: string) => void = () => undefined,
): Promise<TestServer> {
  const server = createServer(answer);
  server.on('upgrade', (request: IncomingMessage, stream: Duplex) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    stream.on('error', () => undefined);
    stream.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    talk(serverSocket(stream), request.url!);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export interface ServerSocket {
  send(message: string | Uint8Array): void;
  /** Starts the closing handshake; without a code the connection just ends. */
  close(code?: number, reason?: string): void;
  readonly closed: Promise<void>;
}

/** Writes frames of up to 125 bytes, which is all that the tests send. */
function serverSocket(stream: Duplex): ServerSocket {
  const frame = (kind: number, bytes: Uint8Array): Buffer =>
    Buffer.concat([Uint8Array.of(0x80 | kind, bytes.length), bytes]);
  stream.resume();
  return {
    send(message) {
      if (!stream.writable) return;
      stream.write(typeof message === 'string' ? frame(1, Buffer.from(message)) : frame(2, message));
    },
    close(code, reason = '') {
      if (code === undefined) return void stream.destroy();
      stream.end(frame(8, Buffer.concat([Uint8Array.of(code >> 8, code & 255), Buffer.from(reason)])));
    },
    closed: new Promise((resolve) => stream.once('close', () => resolve())),
  };
}
