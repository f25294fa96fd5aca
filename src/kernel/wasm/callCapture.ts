import type { Exports } from './instantiate.js';
import type { Repeat } from '../kernel.js';
import { played } from './modules.js';
import { growableBuffer } from './growableBuffer.js';

export interface CallCapture {
  /** The module's functions; while a run is recorded, their calls are taken down as they are made. */
  readonly exports: Exports;
  /** What is recorded now does work that no call of the module's functions does: it will not be played. */
  spoil(): void;
  /** Does `work`, now and before each playing of what is recorded now. */
  first(work: () => void): void;
  repeat(): Repeat;
}

/** Records the calls of runs and plays them: one call of the module in place of many. */
export function callCapture(given: Exports, integers: (length: number) => Int32Array): CallCapture {
  const exports = { ...given };
  let words: number[] = [];
  let works = new Set<() => void>();
  let spoiled = false;
  const takingDown = Object.fromEntries(
    played.map((name, number) => [
      name,
      (...args: number[]) => {
        words.push(number, ...args);
        return given[name](...args);
      },
    ]),
  );
  const plainly = Object.fromEntries(played.map((name) => [name, given[name]]));

  function record(run: () => void): void {
    words = [];
    works = new Set();
    spoiled = false;
    Object.assign(exports, takingDown);
    try {
      run();
    } finally {
      Object.assign(exports, plainly);
    }
  }

  return {
    exports,
    spoil() {
      spoiled = true;
    },
    first(work) {
      works.add(work);
      work();
    },
    repeat() {
      const program = growableBuffer(integers);
      let known = NaN; // the key of the last run
      let before: readonly (() => void)[] = [];
      let start = 0;
      let end = -1; // below 0: nothing is recorded
      return (key, run) => {
        if (key !== known) {
          run();
          known = key;
          end = -1;
        } else if (end < 0) {
          known = NaN; // should it throw
          record(run);
          known = key;
          if (spoiled) return;
          program(words.length).set(words);
          start = program(words.length).byteOffset;
          end = start + 4 * words.length;
          before = [...works];
        } else {
          for (const work of before) work();
          given.play(start, end);
        }
      };
    },
  };
}
