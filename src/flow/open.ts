import type { Cursor, Pullable } from './pull.js';

/**
 * A function that opens a cursor over `source`, for the function named `caller`; a TypeError says so at once when
 * `source` is nothing that can be pulled.
 */
export function open<T>(source: Pullable<T>, caller: string): () => Cursor<T> {
  if (typeof source === 'function') return source;
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(source) as AsyncIterable<T> & Iterable<T>;
  const iterator = (later ?? now) as (() => Cursor<T>) | undefined;
  if (typeof iterator !== 'function') {
    const kind = source === null ? 'null' : typeof source;
    throw new TypeError(
      `${caller}: source must be iterable, async iterable or a function that opens a cursor, got ${kind}`,
    );
  }
  return () => iterator.call(source);
}
