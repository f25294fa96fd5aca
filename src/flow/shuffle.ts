import type { MonoTypeOperatorFunction } from 'rxjs';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { Random } from '../random/random.js';
import type { Bookmark } from './bookmark.js';
import { checkBookmark } from './checkBookmark.js';
import { checkGenerator } from './checkGenerator.js';
import { drawHeld } from './drawHeld.js';
import { operator } from './operator.js';

/** How much is mixed, and by what. */
export interface ShuffleOptions {
  /** Values that are held at once: the order is any with equal chance where there are at most as many values. */
  readonly size: number;
  /**
   * The generator of the order, such as `seeded(1)`; each subscription continues it. Or a function that gives the generator
   * of a pass, counted from 0, such as ``(pass) => seeded(`order ${pass}`)``: what a bookmark needs, since only so can the
   * order of a pass be drawn again.
   */
  readonly random: Random | ((pass: number) => Random);
  /**
   * Reports which pass it is and how many values of it have come, and lets the first subscription begin there: it reads its
   * source from the beginning of the pass and passes over so many values.
   */
  readonly bookmark?: Bookmark | undefined;
}

/**
 * Mixes the order of the values, in bounded memory: emits one of `size` at random whenever it holds as many.
 *
 * ```
 * values                         -a-b-c-d-e-----|
 * shuffle({ size: 3, random })   -----b-d-a-----(ec|)
 * ```
 *
 * Each subscription draws on, so that every pass over the data (`repeat`, `epochs`) has another order, the same ones again for
 * the same seed. With more values than `size` a value comes at most `size − 1` places early; sort nothing before it that the
 * model must not see in that order. On completion the values that are held follow, all at once (an error drops them);
 * `shuffleIterable` gives each when it is asked for. The way of `tf.data.Dataset.shuffle`.
 *
 * With a `bookmark` a run resumes to the same order: give it to the stages after `shuffle` and to the source as well, which
 * then begins the pass again. A RangeError for a `size` that is not a positive integer, and for a bookmark beyond the end of
 * the pass; a TypeError for a bookmark with a generator that every pass continues.
 *
 * ```ts
 * import { range, repeat, toArray } from 'rxjs';
 * import { seeded, shuffle } from 'rxrnn';
 *
 * range(0, 6)
 *   .pipe(shuffle({ size: 6, random: seeded(1) }), toArray(), repeat(2))
 *   .subscribe((order) => console.log(order.join(' ')));
 * // -> 0 5 2 1 3 4
 * // -> 1 2 4 5 0 3
 * ```
 */
export function shuffle<T>(options: ShuffleOptions): MonoTypeOperatorFunction<T> {
  options = checkOptions('shuffle', options, {
    size: positiveInteger,
    random: generator,
    bookmark: optional(checkBookmark),
  });
  const { size, random, bookmark } = options;
  if (bookmark && typeof random !== 'function') {
    throw new TypeError(
      'shuffle: with a bookmark random must be a function that gives the generator of a pass, such as ' +
        '(pass) => seeded(`order ${pass}`); the order of one that all passes draw from cannot be drawn again',
    );
  }
  let pass = -1; // of the last subscription

  return operator((subscriber) => {
    const held: T[] = [];
    let own = pass + 1;
    let count = 0; // values of the pass that were emitted, or passed over
    const begun = bookmark?.keep('shuffle', () => [own, count], false, true);
    let over = 0; // values to pass over
    if (begun) [own, over] = begun as [number, number];
    pass = own;
    const generator = typeof random === 'function' ? random(own) : random;
    checkGenerator('shuffle', 'what random returns', generator);

    function emit(value: T): void {
      count += 1;
      if (count > over) subscriber.next(value);
    }
    return {
      next(value) {
        held.push(value);
        if (held.length === size) emit(drawHeld(held, generator));
      },
      complete() {
        while (held.length > 0 && !subscriber.closed) emit(drawHeld(held, generator));
        if (count < over) throw beyond(over, count);
        subscriber.complete();
      },
    };
  });
}

function beyond(over: number, count: number): RangeError {
  return new RangeError(`shuffle: the bookmark lies after ${over} values of a pass, the source has ${count}`);
}

function generator(who: string, option: string, value: unknown): void {
  if (typeof value !== 'function') checkGenerator(who, option, value);
}
