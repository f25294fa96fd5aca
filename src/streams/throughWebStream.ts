import { defer, type Observable } from 'rxjs';
import { callable } from '../check/callable.js';
import { options as checkOptions } from '../check/options.js';
import { refuse } from '../check/refuse.js';
import { stream } from '../check/stream.js';
import { OUTLET_CHECKS, type OutletOptions } from '../flow/outlet.js';
import { FROM_CHECKS, type FromOptions } from './fromAsyncIterable.js';
import { fromWebStream } from './fromWebStream.js';
import { toWebStream } from './toWebStream.js';
import type { WebTransform } from './webStreams.js';

/** What bounds the values on both sides of a transform. */
export interface ThroughOptions extends OutletOptions, FromOptions {}

/**
 * Sends the values of `source` through a transform of Web Streams, such as a `CompressionStream`, and emits what comes
 * out of it.
 *
 * ```
 * source:             AB----C|
 * throughWebStream:   --a-b---c|
 * ```
 *
 * `open` is called once per subscription. `credit`, with which the source is pulled, stops it while the transform is
 * busy; `demand` says when its results are read. Errors of the source and of the transform are errors of the result, and
 * leaving it closes both.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { throughWebStream } from 'rxrnn/streams';
 *
 * const bytes$ = throughWebStream(of('é'), () => new TextEncoderStream());
 * bytes$.subscribe((bytes) => console.log([...bytes].join(' '))); // -> 195 169
 * ```
 */
export function throughWebStream<I, O>(
  source: Observable<I>,
  open: () => WebTransform<I, O>,
  options: ThroughOptions = {},
): Observable<O> {
  stream('throughWebStream', 'source', source);
  callable('throughWebStream', 'open', open);
  const { demand, ...outlet } = checkOptions<ThroughOptions>('throughWebStream', options, {
    ...OUTLET_CHECKS,
    ...FROM_CHECKS,
  });
  return defer(() => fromWebStream(toWebStream(source, outlet).pipeThrough(unused(open())), { demand }));
}

/** Accepts a pair of Web Streams that nothing else reads or writes. */
function unused<I, O>(pair: WebTransform<I, O>): WebTransform<I, O> {
  const { writable, readable } = (pair ?? {}) as Partial<WebTransform<I, O>>;
  if (writable?.locked === false && readable?.locked === false) return pair;
  refuse('throughWebStream', 'what open gives', 'a pair { writable, readable } that nothing else uses', pair, 'none');
}
