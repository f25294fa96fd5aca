import type { Writable } from './stream.js';

/** What is known of a stream that we write to. */
export interface Sink {
  /** Nobody reads any more: what is written is dropped. */
  readonly closed: boolean;
  /** Why the stream takes nothing more, where that is not the reader's leaving. */
  readonly failure: Error | undefined;
  /** Writes; false where the caller had better wait for `settled`. */
  write(text: string): boolean;
  /** Called once when the stream drains, closes or fails. */
  readonly settled: Set<() => void>;
}

/**
 * The sink of a stream, one for each: it listens to the stream once and for good, so that listeners do not pile up
 * and an `EPIPE` (`| head`) is no uncaught exception.
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
      if (stream.errored) fail(stream.errored); // known before the event, and the loop may be far away
      return more || closed;
    },
  };
  sinks.set(stream, made);
  return made;
}

const sinks = new WeakMap<Writable, Sink>();
