import { createServer, type Server } from 'node:http';
import { UsageError } from '../cli/command.js';

/** A number that Prometheus reads. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly value: number;
}

/** Writes metrics in the text format of Prometheus, version 0.0.4; one that is not a number is left out. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ value }) => !Number.isNaN(value))
    .map(
      ({ name, type, help, value }) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${numberText(value)}\n`,
    )
    .join('');
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}

/** Reads `ADDRESS:PORT`, `:PORT` or `PORT`; without an address it is that of this machine alone. */
export function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:(?:\[([^\]]+)\]|([^:[\]]*)):)?(\d+)$/.exec(text) ?? [];
  if (digits === undefined) {
    throw new UsageError(`--metrics must be PORT or ADDRESS:PORT, such as 9464 or 127.0.0.1:9464, got ${text}`);
  }
  const port = Number(digits);
  if (port > 65_535) throw new UsageError(`--metrics: a port is at most 65535, got ${digits}`);
  return { host: (bracketed ?? plain ?? '') || '127.0.0.1', port };
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/;

/**
 * Serves metrics at `/metrics`, until the process ends, which it does not keep alive. It answers GET and HEAD only, and
 * bounds connections, headers and time. On a loopback address it answers only requests to a name of this machine, so that
 * no page in a browser reads it through a name of its own. Resolves when it listens; an Error where the port is taken.
 */
export async function serveMetrics(address: string, read: () => readonly Metric[]): Promise<Server> {
  const { host, port } = parseAddress(address);
  const server = createServer(
    { maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 5000 },
    (request, response) => {
      const own = (request.headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
      const path = (request.url ?? '').split('?')[0];
      const status =
        LOOPBACK.test(host) && !LOOPBACK.test(own)
          ? 403
          : request.method !== 'GET' && request.method !== 'HEAD'
            ? 405
            : path === '/metrics'
              ? 200
              : 404;
      const text = status === 200 ? metricsText(read()) : `${status}: GET /metrics\n`;
      response.writeHead(status, {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
        'content-length': Buffer.byteLength(text),
        'x-content-type-options': 'nosniff',
        ...(status !== 200 && { connection: 'close' }),
      });
      response.end(request.method === 'HEAD' ? undefined : text);
    },
  );
  server.maxConnections = 16;
  server.keepAliveTimeout = 5000;
  server.maxRequestsPerSocket = 1000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const reason = { EADDRINUSE: 'the port is taken', EACCES: 'the port needs rights that this user does not have', EADDRNOTAVAIL: 'this machine does not have the address', ENOTFOUND: 'there is no such address' }[code ?? '']; // prettier-ignore
      reject(new Error(`--metrics ${address}: ${reason ?? message}`));
    });
    server.listen(port, host, resolve);
  });
  server.on('error', () => undefined);
  server.unref();
  return server;
}
