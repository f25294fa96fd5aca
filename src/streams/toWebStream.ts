import { callReturn } from '../flow/callReturn.js';
import type { Observable } from 'rxjs';
import { options as checkOptions } from '../check/options.js';
import { stream } from '../check/stream.js';
import { outlet, OUTLET_CHECKS, type OutletOptions } from '../flow/outlet.js';

/**
 * Makes a Web Stream of an observable: the body of a `Response`, the start of `pipeThrough`.
 *
 * ```
 * source:        ab---c|
 * toWebStream:   a-b--c|      each chunk when it is read
 * ```
 *
 * With the `credit` that the source is pulled with, the source stops while the reader is slower; without one, up to
 * `limit` values wait, and one more is an Error. Nothing is subscribed to before the first read. Cancelling the stream
 * unsubscribes; an error of the source is an error of the stream. A body takes bytes: put
 * `pipeThrough(new TextEncoderStream())` after text.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { toWebStream } from 'rxrnn/streams';
 *
 * const body = toWebStream(of('to ', 'be')).pipeThrough(new TextEncoderStream());
 * console.log(await new Response(body).text()); // -> to be
 * ```
 */
export function toWebStream<T>(source: Observable<T>, options: OutletOptions = {}): ReadableStream<T> {
  stream('toWebStream', 'source', source);
  const values = outlet('toWebStream', source, checkOptions('toWebStream', options, OUTLET_CHECKS));
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const step = await values.next();
        if (step.done) controller.close();
        else controller.enqueue(step.value);
      },
      async cancel() {
        await callReturn(values);
      },
    },
    { highWaterMark: 0 }, // reads nothing ahead, and so nothing before the first read
  );
}
