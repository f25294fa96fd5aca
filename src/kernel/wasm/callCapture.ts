import type { Lender } from '../bufferScope.js';
import { growableBuffer } from './growableBuffer.js';
import type { Exports } from './instantiate.js';
import { refuseDisposed } from '../disposable.js';
import type { Repeat } from '../kernel.js';
import { type Definition, definitions, type Name } from './interface.js';

/** Captures the calls that a pass makes, so that passes like it are one call of the module. */
export interface CallCapture {
  /** The module's functions; while a pass is captured, their calls are written down as they are made. */
  readonly exports: Exports;
  /** Says that the pass being captured does work that a replay would lack: it is not replayed. */
  invalidate(): void;
  /** Does `work`, now and before each replay of the pass being captured. */
  beforeReplay(work: () => void): void;
  /** Forgets all passes captured so far, as arrays that they name are given back. */
  forget(): void;
  /** Has the functions, and all passes, refuse from now on. */
  dispose(): void;
  /** A `Repeat` whose program lies in arrays of `buffers`. */
  repeat(buffers: Pick<Lender, 'allocateTokens' | 'free'>): Repeat;
}

/** Captures and replays, as graphs of CUDA do: one call of the module in place of many. */
export function callCapture(given: Exports): CallCapture {
  const exports = { ...given };
  let words: number[] = [];
  let works = new Set<() => void>();
  let valid = true;
  let generation = 0;
  let disposed = false;
  let preparing = false; // work is under way that is done before each replay
  const capturing = Object.fromEntries(
    Object.entries<Definition>(definitions).map(([name, { replayed, result }], number) => {
      const call = given[name as Name];
      return [
        name,
        (...args: number[]) => {
          if (replayed && !preparing) words.push(number, ...args);
          else if (result !== 'usize' && !preparing) valid = false; // a replay would lack it
          return call(...args);
        },
      ];
    }),
  );

  function capture(run: () => void): void {
    words = [];
    works = new Set();
    valid = true;
    Object.assign(exports, capturing);
    try {
      run();
    } finally {
      if (!disposed) Object.assign(exports, given); // the pass may have disposed the kernel
    }
  }

  return {
    exports,
    invalidate() {
      valid = false;
    },
    beforeReplay(work) {
      works.add(work);
      const outer = preparing;
      preparing = true;
      try {
        work();
      } finally {
        preparing = outer;
      }
    },
    forget() {
      generation++;
    },
    dispose() {
      disposed = true;
      for (const name of Object.keys(exports)) Object.assign(exports, { [name]: refuseDisposed });
    },
    repeat({ allocateTokens, free }) {
      const program = growableBuffer(allocateTokens, free);
      let known = NaN; // the key of the last pass
      let captured = -1; // the generation of the program; -1: there is none
      let before: readonly (() => void)[] = [];
      let start = 0;
      let end = 0;
      return (key, run) => {
        if (disposed) refuseDisposed();
        if (key !== known) {
          run();
          known = key;
          captured = -1;
        } else if (captured !== generation) {
          known = NaN; // should it throw
          const begun = generation;
          capture(run);
          known = key;
          if (!valid) return;
          program(words.length).set(words);
          start = program(words.length).byteOffset;
          end = start + 4 * words.length;
          before = [...works];
          captured = begun;
        } else {
          for (const work of before) work();
          given.play(start, end);
        }
      };
    },
  };
}
