import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be cut. */
export interface CutProxy {
  readonly url: string;
  /** Lets so many bytes of the server through, then cuts all connections and calls `then`; new ones pass. */
  cutAfter(bytes: number, then: () => void): void;
  close(): void;
}

/** Passes connections on to a port of this machine. */
export async function cutProxy(port: number): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  let left = Infinity;
  let done: (() => void) | undefined;

  function join(socket: Socket): Socket {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  }
  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }
  const proxy = createServer((socket) => {
    const server = join(connect(port, '127.0.0.1'));
    join(socket).pipe(server);
    server.on('data', (data) => {
      left -= data.length;
      if (left >= 0) socket.write(data);
      else {
        left = Infinity;
        cut();
        done?.();
      }
    });
    socket.on('close', () => server.destroy());
    server.on('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port: own } = proxy.address() as { readonly port: number };
  return {
    url: `nats://127.0.0.1:${own}`,
    cutAfter(bytes, then) {
      left = bytes;
      done = then;
    },
    close() {
      cut();
      proxy.close();
    },
  };
}
