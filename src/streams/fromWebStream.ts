import type { Observable } from 'rxjs';
import { callable } from '../check/callable.js';
import { options as checkOptions } from '../check/options.js';
import { openOnce } from '../flow/openOnce.js';
import type { Cursor } from '../flow/openCursor.js';
import { pull } from '../flow/pull.js';
import { FROM_CHECKS, type FromOptions } from './fromAsyncIterable.js';

/**
 * Emits the chunks of a Web Stream, such as the body of a `fetch`, each read on demand.
 *
 * ```
 * stream:         -A--B----C|      its chunks
 * fromWebStream:  -A--B----C|
 * ```
 *
 * A stream can be read only once: give the function that opens one where there may be several subscriptions. When the
 * subscriber leaves, the stream is cancelled at once, even while a read is pending; at the end its lock is released. An
 * Error for a stream that something else reads, and for a second subscription to one stream; errors of the stream are
 * errors of the result.
 *
 * ```ts
 * import { fromWebStream } from 'rxrnn/streams';
 *
 * const body = () => new Response('to be').body!;
 * fromWebStream(body).subscribe((chunk) => console.log(chunk.length)); // -> 5
 * ```
 */
export function fromWebStream<T>(
  stream: ReadableStream<T> | (() => ReadableStream<T>),
  options: FromOptions = {},
): Observable<T> {
  const { demand } = checkOptions('fromWebStream', options, FROM_CHECKS);
  if (typeof stream !== 'function') callable('fromWebStream', 'stream.getReader', stream?.getReader);
  const open = openOnce('fromWebStream', 'stream', stream);
  return pull(() => chunksOf(open()), demand);
}

function chunksOf<T>(stream: ReadableStream<T>): Cursor<T> {
  callable('fromWebStream', 'stream.getReader', (stream as Partial<ReadableStream<T>> | undefined)?.getReader);
  if (stream.locked) {
    throw new Error(
      'fromWebStream: the stream is locked, so something else reads it; tee() gives two that can be read',
    );
  }
  const reader = stream.getReader();
  return {
    next: () =>
      reader.read().then((step): IteratorResult<T, undefined> => {
        if ((step as Partial<typeof step> | undefined)?.done !== true) return step as IteratorResult<T, undefined>;
        reader.releaseLock();
        return { value: undefined, done: true };
      }),
    return: () => reader.cancel(),
  };
}
