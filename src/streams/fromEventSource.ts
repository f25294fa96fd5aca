import type { Observable } from 'rxjs';
import { anything } from '../check/anything.js';
import { flag } from '../check/flag.js';
import { checkRecord } from '../check/checkRecord.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { reasonOf } from '../check/reasonOf.js';
import { show } from '../check/show.js';
import { visible } from '../check/visible.js';
import { closeCursor } from '../flow/closeCursor.js';
import { flat } from '../flow/flat.js';
import { pull } from '../flow/pull.js';
import { type EventParser, eventParser, type ServerEvent } from './eventParser.js';
import { FROM_CHECKS, type FromOptions } from './fromAsyncIterable.js';

/** How server-sent events are requested and read. */
export interface EventSourceOptions extends FromOptions {
  /** Headers besides `Accept`, by name; none by default. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The body of a POST request, such as JSON; without it the request is a GET. */
  readonly body?: string | undefined;
  /**
   * Whether to connect again when the response ends or fails, or when the server cannot be reached, at first too, after
   * the time that the server names (3 s without one) and with the identifier of the last event, as browsers'
   * `EventSource` does: without end, until it is left. By default the end of the response completes, and a failure is an
   * error.
   */
  readonly reconnect?: boolean | undefined;
  /** What makes the requests; the platform's `fetch` by default. */
  readonly fetch?: typeof fetch | undefined;
}

/** Milliseconds before connecting again, where the server has named none, and the fewest. */
const RETRY = 3000;
const SHORTEST = 100;

/**
 * Emits the events that a server sends (`text/event-stream`), such as the answer of a language model, read on demand.
 *
 * ```
 * response:          data: a  data: b       the end
 * fromEventSource:   ---a-------b-----------|
 * ```
 *
 * It reads the body of a `fetch`, in Node as in browsers, so that the connection itself slows a server down that is
 * faster than `demand`. Each subscription makes a request, and leaving it ends that. An Error for a status other than
 * 200 and another type of content; 204 completes.
 *
 * ```ts
 * import { fromEventSource } from 'rxrnn/streams';
 *
 * const url = 'data:text/event-stream,data: to be%0A%0Aevent: end%0Adata: 2%0A%0A';
 * fromEventSource(url).subscribe(({ type, data }) => console.log(type, data));
 * // -> message to be
 * // -> end 2
 * ```
 */
export function fromEventSource(url: string | URL, options: EventSourceOptions = {}): Observable<ServerEvent> {
  if (typeof url !== 'string' && !(url instanceof URL)) {
    throw new TypeError(`fromEventSource: url must be a string or a URL, got ${show(url)}`);
  }
  const { demand, ...rest } = checkOptions<EventSourceOptions>('fromEventSource', options, {
    ...FROM_CHECKS,
    headers: optional(checkRecord),
    body: anything,
    reconnect: optional(flag),
    fetch: anything,
  });
  return pull(
    flat(() => {
      const leaving = new AbortController();
      const events = eventsOf(url, rest, leaving.signal);
      return {
        next: () => events.next(),
        return() {
          leaving.abort(); // a read that is pending ends; `return` of the generator would wait for it
        },
      };
    }),
    demand,
  );
}

/** The events of one subscription, as they arrive: those of a piece of text at once. */
async function* eventsOf(
  url: string | URL,
  { headers = {}, body, reconnect = false, fetch = globalThis.fetch }: Omit<EventSourceOptions, 'demand'>,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent[], void, undefined> {
  let parser = eventParser();
  const given = {
    headers: { Accept: 'text/event-stream', 'Cache-Control': 'no-store', ...headers },
    ...(body !== undefined && { method: 'POST', body }),
  };
  if (fetch === globalThis.fetch) void new Request(url, given); // what no attempt could request is an error at once
  for (;;) {
    try {
      const response = await fetch(url, { ...given, headers: { ...given.headers, ...lastEvent(parser.id) }, signal });
      if (!accepts(response) || !response.body) return;
      parser = eventParser(parser);
      yield* eventsIn(response.body, parser);
      if (!reconnect) return;
    } catch (error) {
      if (signal.aborted) return;
      if (!reconnect || error instanceof RefusedError) throw error;
    }
    await delay(parser.retry ?? RETRY, signal);
  }
}

async function* eventsIn(
  body: NonNullable<Response['body']>,
  parser: EventParser,
): AsyncGenerator<ServerEvent[], void, undefined> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const reader = body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    yield pushed(decoder.decode(read.value as Uint8Array, { stream: true }));
  }

  function pushed(text: string): ServerEvent[] {
    try {
      return parser.push(text);
    } catch (error) {
      reader.cancel().catch(() => undefined); // the server must not go on sending to nobody
      throw new RefusedError(reasonOf(error));
    }
  }
}

/** The longest identifier that is sent back. */
const LONGEST_ID = 4096;

/** The header of the last identifier, in UTF-8; none for one that is too long, or has control characters. */
function lastEvent(id: string): Readonly<Record<string, string>> {
  if (id === '' || id.length > LONGEST_ID || CONTROL.test(id)) return {};
  return { 'Last-Event-ID': Array.from(new TextEncoder().encode(id), (byte) => String.fromCharCode(byte)).join('') };
}

const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/; // oxlint-disable-line no-control-regex

class RefusedError extends Error {}

/** Whether events follow; a RefusedError where the response is of another kind. */
function accepts({ status, headers, body }: Response): boolean {
  if (status === 204) return false;
  const type = headers.get('content-type') ?? 'none';
  const isEvents = /^\s*text\/event-stream\s*(?:;|$)/i.test(type);
  if (status === 200 && isEvents) return true;
  closeCursor({ return: () => body?.cancel() }); // which may fail, too late to matter
  throw new RefusedError(
    status === 200
      ? `fromEventSource: expected text/event-stream, got ${visible(type, { most: 100 })}`
      : `fromEventSource: expected status 200, got ${status}`,
  );
}

function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, Math.max(milliseconds, SHORTEST));
    signal.addEventListener('abort', finish);
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    }
  });
}
