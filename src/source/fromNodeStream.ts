import type { Observable } from 'rxjs';
import { callable } from '../check/callable.js';
import { options as checkOptions } from '../check/options.js';
import { optional } from '../check/optional.js';
import type { Demand } from '../flow/demand.js';
import { checkDemand } from '../flow/checkDemand.js';
import { openOnce } from '../flow/openOnce.js';
import { pull } from '../flow/pull.js';
import { readable } from './readable.js';
import type { Readable } from './stream.js';

/** When a Node stream is read on. */
export interface FromNodeStreamOptions {
  /** When the next chunk is read; as soon as `next` of the one before has returned by default. */
  readonly demand?: Demand | undefined;
}

/**
 * Emits the chunks or objects of a Node stream, read in paused mode, each on demand.
 *
 * ```
 * stream:          -A--B----C|      its chunks
 * fromNodeStream:  -A--B----C|
 * ```
 *
 * A stream can be read only once: give the function that opens one where there may be several subscriptions. When the
 * subscriber leaves, the stream is destroyed at once. An Error for a stream that something else reads, and for a second
 * subscription to one stream; errors of the stream, a premature close too, are errors of the result.
 *
 * ```ts
 * import { Readable } from 'node:stream';
 * import { fromNodeStream } from 'rxrnn/streams';
 *
 * fromNodeStream<number>(() => Readable.from([1, 2])).subscribe((number) => console.log(number));
 * // -> 1
 * // -> 2
 * ```
 */
export function fromNodeStream<T = Uint8Array>(
  stream: Readable | (() => Readable),
  options: FromNodeStreamOptions = {},
): Observable<T> {
  const { demand } = checkOptions('fromNodeStream', options, { demand: optional(checkDemand) });
  if (typeof stream !== 'function') callable('fromNodeStream', 'stream.read', (stream as Partial<Readable>)?.read);
  const open = openOnce('fromNodeStream', 'stream', stream);
  return pull(
    readable<T>(() => unread(open())),
    demand,
  );
}

function unread(stream: Readable): Readable {
  callable('fromNodeStream', 'stream.read', (stream as Partial<Readable> | undefined)?.read);
  if (stream.readableFlowing === true || stream.listenerCount('readable') > 0) {
    throw new Error(
      'fromNodeStream: something else reads the stream: it was piped, or has a listener of data or readable',
    );
  }
  return stream;
}
