import { show } from '../check/show.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Dtype, Numbers } from '../types.js';

/** Memory that is lent, and what tells its arrays from others. */
export interface OwnMemory {
  /** `length` zeros; a length that is not an integer from 0 up is refused. */
  allocate(length: number): Numbers;
  /**
   * Throws unless `array` lies in this memory and has at least `length` numbers: a kernel would read and write what lies
   * beside another one. `what` says whose it is, such as `the output of layer gain`.
   */
  check(what: string, array: unknown, length: number): void;
}

const checkLength = wholeNumber();

/**
 * Memory by `allocate`, for a layer or a cell that may be anybody's. `known` are arrays that it may use besides what it
 * allocates itself; `who` is for messages.
 */
export function ownMemory(
  who: string,
  dtype: Dtype,
  allocate: (length: number) => Numbers,
  known: Iterable<Numbers>,
): OwnMemory {
  const buffers = new Set<ArrayBufferLike>(Array.from(known, ({ buffer }) => buffer));
  const type = dtype === 'float64' ? Float64Array : Float32Array;
  return {
    allocate(length) {
      checkLength(who, 'the length of what allocate gives', length);
      const array = allocate(length);
      buffers.add(array.buffer);
      return array;
    },
    check(what, array, length) {
      if (!(array instanceof type)) {
        throw new TypeError(`${who}: ${what} must be an array that allocate gave, got ${show(array)}`);
      }
      if (!buffers.has(array.buffer)) {
        throw new TypeError(`${who}: ${what} must be an array that allocate gave, got another ${show(array)}`);
      }
      if (array.length >= length) return;
      throw new RangeError(`${who}: ${what} must have ${length} numbers, got ${array.length}`);
    },
  };
}
