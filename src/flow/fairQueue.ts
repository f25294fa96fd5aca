import { type Queue, queue } from './queue.js';

/** Makes an empty queue that serves keys in turn, so that one with many values does not make the others wait. */
export function fairQueue<T>(keyOf: (value: T) => unknown): Queue<T> {
  const lines = new Map<unknown, Queue<T>>();
  const turns = queue<unknown>(); // each key once that has values
  let length = 0;

  return {
    get length() {
      return length;
    },
    push(value) {
      const key = keyOf(value);
      let line = lines.get(key);
      if (line === undefined) {
        lines.set(key, (line = queue()));
        turns.push(key);
      }
      line.push(value);
      length += 1;
    },
    shift() {
      const key = turns.shift();
      const line = lines.get(key)!;
      const value = line.shift();
      if (line.length > 0) turns.push(key);
      else lines.delete(key);
      length -= 1;
      return value;
    },
    clear() {
      lines.clear();
      turns.clear();
      length = 0;
    },
  };
}
