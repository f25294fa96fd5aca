import { callReturn } from '../flow/callReturn.js';
import { Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { reasonOf } from '../check/reasonOf.js';
import { options as checkOptions } from '../check/options.js';
import { stream } from '../check/stream.js';
import { outlet, OUTLET_CHECKS, type OutletOptions } from '../flow/outlet.js';

/** What a Node stream carries, and what bounds the values that wait for its reader. */
export interface ToNodeStreamOptions extends OutletOptions {
  /** Whether it carries values of any kind, one by one; with `false` it carries bytes and text. `true` by default. */
  readonly objectMode?: boolean | undefined;
}

/**
 * Makes a Node stream of an observable: the start of `pipeline(toNodeStream(source), createGzip(), …)`.
 *
 * ```
 * source:         ab---c|
 * toNodeStream:   a-b--c|      each value when the stream asks for it
 * ```
 *
 * With the `credit` that the source is pulled with, the source stops while the reader is slower; without one, up to
 * `limit` values wait, and one more is an Error. Nothing is subscribed to before the first read. Destroying the stream
 * unsubscribes; an error of the source destroys it. An Error for `null` and `undefined`, which a stream cannot carry.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { toNodeStream } from 'rxrnn/streams';
 *
 * for await (const letter of toNodeStream(of('a', 'b'))) console.log(letter);
 * // -> a
 * // -> b
 * ```
 */
export function toNodeStream<T>(source: Observable<T>, options: ToNodeStreamOptions = {}): Readable {
  stream('toNodeStream', 'source', source);
  const { objectMode = true, ...rest } = checkOptions<ToNodeStreamOptions>('toNodeStream', options, {
    ...OUTLET_CHECKS,
    objectMode: optional(flag),
  });
  const values = outlet('toNodeStream', source, rest);
  return new Readable({
    objectMode,
    ...(objectMode && { highWaterMark: 1 }), // one value ahead, however large
    read() {
      void give(this);
    },
    destroy(error, done) {
      void callReturn(values);
      done(error);
    },
  });

  async function give(stream: Readable): Promise<void> {
    try {
      const { done, value } = await values.next();
      if (!done && (value === null || value === undefined)) {
        throw new Error(`toNodeStream: a Node stream cannot carry ${String(value)}; map it first`);
      }
      stream.push(done ? null : value);
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(reasonOf(error), { cause: error }));
    }
  }
}
