import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { show } from '../check/show.js';
import type { Random } from '../random/random.js';
import { checkGenerator } from './checkGenerator.js';
import { closeCursor } from './closeCursor.js';
import { drawHeld } from './drawHeld.js';

/** How much is mixed, and by what. */
export interface ShuffleIterableOptions {
  /** Values that are held at once: the order is any with equal chance where there are at most as many values. */
  readonly size: number;
  /** The generator of the order, such as `seeded(1)`; each pass continues it. */
  readonly random: Random;
}

/**
 * Mixes the order of the values of an iterable, in bounded memory, and gives each when it is asked for.
 *
 * ```
 * values                                            a b c d e
 * shuffleIterable(values, { size: 3, random })      b d a e c
 * ```
 *
 * The order is that of `shuffle` with the same options. `shuffle` emits all that it holds at once where its source
 * ends, and of data that fit into `size` that is the whole pass; as the source of a stream, `shuffleIterable` leaves each
 * value to demand: `pull(() => shuffleIterable(data, options), yielding(unlimited))` gives the event loop its turns within
 * a pass, in which Ctrl-C and timers are heard, and each subscription is a pass in another order.
 *
 * The result can be iterated once; `values` is read as it is, and closed where the result is, as by `pull`: a failure to
 * close ends nothing. A TypeError for values that are not iterable or a `random` that is not a generator, and a
 * RangeError for a `size` that is not a positive integer.
 *
 * ```ts
 * import { repeat, toArray } from 'rxjs';
 * import { pull, seeded, shuffleIterable, unlimited, yielding } from 'rxrnn';
 *
 * const random = seeded(1);
 * pull(() => shuffleIterable([0, 1, 2, 3, 4, 5], { size: 6, random }), yielding(unlimited))
 *   .pipe(toArray(), repeat(2))
 *   .subscribe((order) => console.log(order.join(' ')));
 * // -> 0 5 2 1 3 4
 * // -> 1 2 4 5 0 3
 * ```
 */
export function shuffleIterable<T>(
  values: Iterable<T>,
  options: ShuffleIterableOptions,
): Generator<T, void, undefined> {
  if (typeof (values as Partial<Iterable<T>> | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`shuffleIterable: values must be iterable, got ${show(values)}`);
  }
  const { size, random } = checkOptions('shuffleIterable', options, { size: positiveInteger, random: checkGenerator });
  return draws(values, size, random);
}

function* draws<T>(values: Iterable<T>, size: number, random: Random): Generator<T, void, undefined> {
  const held: T[] = [];
  const iterator = values[Symbol.iterator]();
  let isOpen = true;
  // not `for of`, which would leave a rejected promise of `return` to nobody, and throw where `pull` reports
  try {
    while (isOpen) {
      isOpen = false; // where `next` throws, too
      const step = iterator.next();
      if (step.done === true) break;
      isOpen = true;
      held.push(step.value);
      if (held.length === size) yield drawHeld(held, random);
    }
    while (held.length > 0) yield drawHeld(held, random);
  } finally {
    if (isOpen) closeCursor(iterator);
  }
}
