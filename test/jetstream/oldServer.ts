import { createServer } from 'node:net';
import { freePort } from './natsServer.js';

/** Something that greets as a NATS server of that version, and answers pings. */
export async function oldServer(version: string): Promise<{ readonly url: string; close(): void }> {
  const port = await freePort();
  const info = { server_id: 'OLD', version, host: '127.0.0.1', port, proto: 1, headers: true, jetstream: true, max_payload: 1 << 20 }; // prettier-ignore
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(`INFO ${JSON.stringify(info)}\r\n`);
    socket.on('data', (data) => {
      for (const line of data.toString().split('\r\n')) if (line === 'PING') socket.write('PONG\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { url: `nats://127.0.0.1:${port}`, close: () => void server.close() };
}
