import type { Writable } from './stream.js';

/** The state of a stream that is written to. */
export interface Sink {
  /** Nobody reads the stream any more: what is written is dropped. */
  readonly closed: boolean;
  /** Why the stream cannot be written to, other than that its reader has left. */
  readonly failure: Error | undefined;
  /** Writes a text; false where the caller should wait for `settled` before the next one. */
  write(text: string): boolean;
  /** Callbacks to call once, when the stream drains, closes or fails. */
  readonly settled: Set<() => void>;
}

/**
 * Returns the sink of a stream, the same one each time: it adds its listeners once, so that they do not pile up and an
 * `EPIPE` (`| head`) is not an uncaught exception.
 */
export function sink(stream: Writable): Sink {
  const known = sinks.get(stream);
  if (known !== undefined) return known;
  const settled = new Set<() => void>();
  let closed = stream.destroyed;
  let failure: Error | undefined;

  function settle(): void {
    const callbacks = [...settled];
    settled.clear();
    for (const callback of callbacks) callback();
  }
  function fail(error: Error & { readonly code?: string }): void {
    if (closed || failure !== undefined) return;
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') closed = true;
    else failure = error;
    settle();
  }
  function close(): void {
    if (failure === undefined) closed = true;
    settle();
  }
  stream.on('drain', settle).on('error', fail).on('close', close);
  const made: Sink = {
    get closed() {
      return closed;
    },
    get failure() {
      return failure;
    },
    settled,
    write(text) {
      if (closed || failure !== undefined) return true;
      const more = stream.write(text);
      if (stream.errored) fail(stream.errored); // known before the event, which comes a turn of the event loop later
      return more || closed;
    },
  };
  sinks.set(stream, made);
  return made;
}

const sinks = new WeakMap<Writable, Sink>();
