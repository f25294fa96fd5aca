import { methods } from '../check/methods.js';
import { show } from '../check/show.js';

/** What a cursor hands over; it must be read before the next one is asked for. */
export type Step<T> = IteratorResult<T, unknown>;

/** A step that comes later: a promise, or any object whose `then` answers in its own time. */
export interface Later<T> {
  then(arrive: (step: Step<T>) => void, fail: (error: unknown) => void): unknown;
}

/** Anything that hands over one item when asked, at once or later: every iterator is one. */
export interface Cursor<T> {
  next(): Step<T> | Later<T>;
  /**
   * Releases what the cursor holds; called at most once, possibly while a `next` is pending, and without an argument:
   * the parameter is declared only because the `return` of a generator has one.
   */
  return?(value?: never): unknown;
}

/** What can be pulled. Each subscriber opens an iterable again; a generator object can be read only once. */
export type Pullable<T> = Iterable<T> | AsyncIterable<T> | (() => Cursor<T>);

/**
 * Gives the function that opens a cursor over `source`. `who` names the caller in the TypeError that is thrown at once
 * where `source` cannot be pulled, and on opening where what it gives has no `next`.
 */
export function openCursor<T>(who: string, source: Pullable<T>): () => Cursor<T> {
  if (typeof source === 'function') return () => checkedCursor(who, 'what the function returns', source());
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(source) as AsyncIterable<T> & Iterable<T>;
  const iterator = (later ?? now) as (() => Cursor<T>) | undefined;
  if (typeof iterator !== 'function') {
    throw new TypeError(
      `${who}: source must be iterable, async iterable or a function that opens a cursor, got ${show(source)}`,
    );
  }
  return () => checkedCursor(who, 'the iterator', iterator.call(source));
}

function checkedCursor<T>(who: string, what: string, cursor: Cursor<T>): Cursor<T> {
  methods(who, what, cursor, 'next');
  return cursor;
}
