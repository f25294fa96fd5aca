/**
 * Calls the `return` of a cursor or an iterator, if it has one, and gives what that gives. A TypeError in words of the
 * caller where it is not a function.
 */
export function callReturn<R>(cursor: { return?(): R } | undefined): R | undefined {
  const close: unknown = cursor?.return; // read once, as it may be a getter
  if (close === undefined || close === null) return undefined;
  if (typeof close !== 'function') throw new TypeError('return of the iterator is not a function');
  return close.call(cursor) as R;
}
