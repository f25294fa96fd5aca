import { type Duplex, pipeline } from 'node:stream';
import { Observable } from 'rxjs';
import { callable } from '../check/callable.js';
import { options as checkOptions } from '../check/options.js';
import { optional } from '../check/optional.js';
import { stream } from '../check/stream.js';
import { checkDemand } from '../flow/checkDemand.js';
import { OUTLET_CHECKS } from '../flow/outlet.js';
import { fromNodeStream, type FromNodeStreamOptions } from './fromNodeStream.js';
import { toNodeStream, type ToNodeStreamOptions } from './toNodeStream.js';

/** What bounds the values on both sides of a transform. */
export interface ThroughNodeStreamOptions extends Omit<ToNodeStreamOptions, 'objectMode'>, FromNodeStreamOptions {}

/**
 * Sends the values of `source` through a Node transform, such as `createGzip()`, and emits what comes out of it.
 *
 * ```
 * source:              AB----C|
 * throughNodeStream:   --a-b---c|
 * ```
 *
 * `open` is called once per subscription. `credit`, with which the source is pulled, stops it while the transform is
 * busy; `demand` says when its results are read. Errors of the source and of the transform are errors of the result, and
 * leaving it closes both.
 *
 * ```ts
 * import { createGunzip, createGzip } from 'node:zlib';
 * import { of } from 'rxjs';
 * import { throughNodeStream } from 'rxrnn/streams';
 *
 * const small$ = throughNodeStream(of('to be'), () => createGzip());
 * throughNodeStream(small$, () => createGunzip()).subscribe((bytes) => console.log(bytes.toString())); // -> to be
 * ```
 */
export function throughNodeStream<T = Uint8Array>(
  source: Observable<unknown>,
  open: () => Duplex,
  options: ThroughNodeStreamOptions = {},
): Observable<T> {
  stream('throughNodeStream', 'source', source);
  callable('throughNodeStream', 'open', open);
  const { demand, ...rest } = checkOptions<ThroughNodeStreamOptions>('throughNodeStream', options, {
    ...OUTLET_CHECKS,
    demand: optional(checkDemand),
  });
  return new Observable((subscriber) => {
    const transform = open();
    // Each end that fails or is destroyed takes the other with it; the reader learns of errors from the transform.
    const input = toNodeStream(source, rest);
    pipeline(input, transform, () => undefined);
    subscriber.add(() => input.destroy());
    fromNodeStream<T>(transform, { demand }).subscribe(subscriber);
  });
}
