import type { Observable } from 'rxjs';
import { type Checks, options as checkOptions } from '../check/options.js';
import { optional } from '../check/optional.js';
import type { Demand } from '../flow/demand.js';
import { checkDemand } from '../flow/checkDemand.js';
import { openCursor, type Pullable } from '../flow/openCursor.js';
import { pull } from '../flow/pull.js';

/** When a source is read on. */
export interface FromOptions {
  /** When the next value is asked for; as soon as `next` of the one before has returned by default. */
  readonly demand?: Demand | undefined;
}

/** The checks of these options. */
export const FROM_CHECKS: Checks<FromOptions> = { demand: optional(checkDemand) };

/**
 * Emits the values of an iterable, asynchronous or not, each asked for on demand: `pull` under the name of its opposite,
 * `toAsyncIterable`.
 *
 * ```
 * iterable:           -a--b----c|      its answers
 * fromAsyncIterable:  -a--b----c|
 * ```
 *
 * Each subscription opens it again; a generator object can be read only once, so give the function that makes it. When
 * the subscriber leaves, its `return` is called at once. A TypeError for anything that cannot be iterated.
 *
 * ```ts
 * import { fromAsyncIterable } from 'rxrnn/streams';
 *
 * async function* letters() {
 *   yield 'a';
 *   yield 'b';
 * }
 * fromAsyncIterable(letters).subscribe((letter) => console.log(letter));
 * // -> a
 * // -> b
 * ```
 */
export function fromAsyncIterable<T>(iterable: Pullable<T>, options: FromOptions = {}): Observable<T> {
  const { demand } = checkOptions('fromAsyncIterable', options, FROM_CHECKS);
  return pull(openCursor('fromAsyncIterable', iterable), demand);
}
