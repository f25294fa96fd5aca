import { timer } from 'rxjs';
import type { Cursor, Later, Step } from '../../src/flow/openCursor.js';

/** A cursor over `items` that counts what is done to it. */
export interface Spied<T> extends Cursor<T> {
  reads: number;
  returns: number;
  /** Reads that have not been answered; more than 1 is a fault. */
  pending: number;
}

/** A cursor that answers `items` at once, or each after a number of frames of (virtual) time. */
export function spied<T>(items: Iterable<T>, frames: number = 0): Spied<T> {
  const iterator = items[Symbol.iterator]();
  return {
    reads: 0,
    returns: 0,
    pending: 0,
    next(): Step<T> | Later<T> {
      this.reads += 1;
      if (frames === 0) return iterator.next();
      this.pending += 1;
      return {
        // oxlint-disable-next-line unicorn/no-thenable -- a promise would leave virtual time
        then: (arrive: (step: Step<T>) => void) =>
          timer(frames).subscribe(() => {
            this.pending -= 1;
            arrive(iterator.next());
          }),
      };
    },
    return() {
      this.returns += 1;
      iterator.return?.();
    },
  };
}

/** 0, 1, 2, … below `end`; `closed` is called when it is returned or ends. */
export function* naturals(end: number = Infinity, closed?: () => void): Generator<number, void, void> {
  try {
    for (let i = 0; i < end; i++) yield i;
  } finally {
    closed?.();
  }
}

/** Numbers in [0, 1) from a seed: enough for a fuzz. */
export function lehmer(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** A turn of the event loop, so that every promise that can settle has. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
