import { show } from '../check/show.js';
import { callReturn } from './callReturn.js';
import { closeCursor } from './closeCursor.js';
import { type Cursor, type Later, openCursor, type Pullable, type Step } from './openCursor.js';

/**
 * Flattens chunks into a cursor over their elements: chunks are read whole, elements are pulled one by one.
 *
 * ```
 * chunks:               A-----B-C|      A = [1, 2], B = [], C = [3]
 * pull(flat(chunks)):   (12)----3|
 * ```
 *
 * A chunk is asked for when the one before it is used up; empty ones are skipped. `return` is passed on. Chunks are
 * read in place, so they must not change until the next one is asked for. An element of a string is a UTF-16 unit:
 * spread the string (`[...text]`) for whole characters.
 * A chunk that has no elements to count, such as a number or null, is a TypeError, and closes the source.
 */
export function flat<T>(chunks: Pullable<ArrayLike<T>>): () => Cursor<T> {
  const open = openCursor('flat', chunks);

  return () => {
    const cursor = open();
    let chunk: ArrayLike<T> = [];
    let index = 0;

    function next(): Step<T> | Later<T> {
      while (index >= chunk.length) {
        const step = cursor.next();
        if ('then' in step) return later(step);
        if (step.done === true) return step;
        accept(step.value);
      }
      return { value: chunk[index++] as T, done: false }; // the line above has checked the bound
    }

    /** Begins a chunk; one that is none ends the source, which would be read for ever or stay open. */
    function accept(next: ArrayLike<T>): void {
      if (typeof next !== 'string' && !isList(next)) {
        closeCursor(cursor);
        throw new TypeError(`flat: a chunk must be a list or a string, got ${show(next)}`);
      }
      chunk = next;
      index = 0;
    }

    function later(chunks: Later<ArrayLike<T>>): Later<T> {
      return {
        // oxlint-disable-next-line unicorn/no-thenable -- a promise here would leave virtual time
        then(arrive, fail) {
          function take(step: Step<ArrayLike<T>>): void {
            if (step.done === true) return arrive(step);
            let first;
            try {
              accept(step.value);
              first = next(); // asks for another chunk where this one is empty
            } catch (error) {
              return fail(error);
            }
            if ('then' in first) first.then(arrive, fail);
            else arrive(first);
          }
          return chunks.then(take, fail);
        },
      };
    }

    return { next, return: () => callReturn(cursor) };
  };
}

function isList(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { length } = value as { readonly length?: unknown };
  return Number.isSafeInteger(length) && Number(length) >= 0;
}
