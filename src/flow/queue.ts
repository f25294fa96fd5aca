/** A first-in, first-out queue; every operation takes constant time on average. */
export interface Queue<T> {
  readonly length: number;
  push(value: T): void;
  /** Removes the oldest value and returns it; `length` must not be 0. */
  shift(): T;
  clear(): void;
}

/** Makes an empty queue: a ring that doubles when it is full. (`Array.prototype.shift` is linear in long arrays.) */
export function queue<T>(): Queue<T> {
  let ring: (T | undefined)[] = [undefined, undefined, undefined, undefined];
  let head = 0;
  let length = 0;

  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === ring.length) {
        ring = ring.slice(head).concat(ring.slice(0, head)); // several times as fast as spreading, where it is long
        ring.length = 2 * length;
        head = 0;
      }
      ring[(head + length) & (ring.length - 1)] = value;
      length += 1;
    },
    shift() {
      const value = ring[head] as T; // the caller has checked `length`
      ring[head] = undefined;
      head = (head + 1) & (ring.length - 1);
      length -= 1;
      return value;
    },
    clear() {
      ring = [undefined, undefined, undefined, undefined];
      head = length = 0;
    },
  };
}
