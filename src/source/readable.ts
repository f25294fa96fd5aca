import { callable } from '../check/callable.js';
import { refuse } from '../check/refuse.js';
import type { Cursor } from '../flow/openCursor.js';
import type { Readable } from './stream.js';

/**
 * Makes a cursor of a Node stream, in paused mode: it reads ahead no more than the stream's own buffer holds, and makes
 * no promise while that buffer holds something.
 *
 * `open` is called once per cursor. Returning the cursor destroys the stream at once, even while a read is pending (an
 * async iterator would queue its `return` after that read). An error of the stream is thrown once, by the next read; so
 * is an Error when the stream was closed before its end.
 */
export function readable<T = Uint8Array>(open: () => Readable): () => Cursor<T> {
  callable('readable', 'open', open);
  return () => {
    const stream = open();
    checkReadable(stream);
    let ended = stream.readableEnded;
    let waiting: Pending<T> | undefined;

    function take(): IteratorResult<T, undefined> | undefined {
      if (stream.errored !== null) throw stream.errored;
      const value = stream.read() as T | null;
      if (value !== null) return { value, done: false };
      if (ended) return { value: undefined, done: true };
      if (stream.closed) throw new Error('the stream was closed before its end');
      return undefined;
    }
    function answer(): void {
      if (waiting === undefined) return;
      const { resolve, reject } = waiting;
      try {
        const step = take();
        if (step === undefined) return;
        waiting = undefined;
        resolve(step);
      } catch (error) {
        waiting = undefined;
        reject(error);
      }
    }
    function finish(): void {
      ended = true;
      answer();
    }
    stream.on('readable', answer).on('end', finish).on('close', answer).on('error', answer);
    return {
      next() {
        const step = take();
        if (step !== undefined) return step;
        return new Promise((resolve, reject) => {
          waiting = { resolve, reject };
        });
      },
      return() {
        waiting = undefined;
        stream.destroy();
      },
    };
  };
}

interface Pending<T> {
  readonly resolve: (step: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

function checkReadable(stream: unknown): void {
  const { read, on } = (stream ?? {}) as { readonly read?: unknown; readonly on?: unknown };
  if (typeof read === 'function' && typeof on === 'function') return;
  refuse('readable', 'what open returns', 'a stream to read from', stream, 'none');
}
