import type { Observable } from 'rxjs';
import { options as checkOptions } from '../check/options.js';
import { stream } from '../check/stream.js';
import { outlet, OUTLET_CHECKS, type OutletOptions } from '../flow/outlet.js';

/**
 * Makes the values of `source` iterable by `for await`, with a bound on those that wait.
 *
 * ```
 * source:           abc---d|
 * for await (…):    a--b--c--d--end      the loop takes its time
 * ```
 *
 * With the `credit` that the source is pulled with, the source stops while the loop is slower (`iterate`); without one, up
 * to `limit` values wait, and one more is an Error. The source is subscribed to at the first `next`; leaving the loop
 * unsubscribes at once.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { toAsyncIterable } from 'rxrnn/streams';
 *
 * for await (const letter of toAsyncIterable(of('a', 'b'))) console.log(letter);
 * // -> a
 * // -> b
 * ```
 */
export function toAsyncIterable<T>(
  source: Observable<T>,
  options: OutletOptions = {},
): AsyncIterableIterator<T, undefined, undefined> {
  stream('toAsyncIterable', 'source', source);
  return outlet('toAsyncIterable', source, checkOptions('toAsyncIterable', options, OUTLET_CHECKS));
}
