import type { Lender } from '../bufferScope.js';
import { growableBuffer } from './growableBuffer.js';
import type { Exports } from './instantiate.js';
import { refuseDisposed } from '../disposable.js';
import type { Repeat } from '../kernel.js';
import { type Definition, definitions, type Name } from './interface.js';

// The contract of replay, as a whole.
//
// A `Repeat` is given passes, each with a key. The first pass with a key runs. If the next has the same key, it runs
// and is captured: each call of the module is written down as the number of its function and its arguments. From then
// on a pass with this key is replayed: `play` makes the calls, `run` is not called. One program is kept per `Repeat`,
// so a pass with another key begins again; NaN is never the same key.
//
// The caller guarantees that passes with one key would make the same calls on the same arrays, whatever these hold, and
// do nothing else. `layerChain` gives such keys where each layer says `repeats`: not with a mask, nor with dropout.
//
// Only functions that the table marks `replayed` are written down: they take addresses and counts, and return nothing.
// A capture becomes invalid by a call of another function (one that returns a size excepted, which changes nothing),
// and by `invalidate`, which the kernel calls where it works in TypeScript or copies tokens (the generated calls do so
// before each function that is not replayed). An invalid pass has run as
// it should; it is not replayed, and the next one with its key is captured again. Work that depends on more than the
// key, the packing of weights that changed, goes through `beforeReplay`: it is done in the pass and before each replay,
// and its calls are not written down. `betweenCalls` is for work elsewhere, the products of a BLAS: a replay does it at
// the same place between the calls.
//
// Programs contain addresses. When a scope of buffers is given back, others may get its memory, so `forget` ends every
// program of the kernel; `dispose` ends them for good. Where threads share calls the program would lack work, and
// every pass runs.

/** Captures the calls that a pass makes, so that passes like it are one call of the module. */
export interface CallCapture {
  /** The team's functions; while a pass is captured, those that can be replayed also write their calls down. */
  readonly current: Exports;
  /** Makes the capture under way invalid: the pass does work that a replay would lack. Called before such work. */
  invalidate(): void;
  /** Does `work` now, and before each replay of the pass that is being captured. */
  beforeReplay(work: () => void): void;
  /** Does `work` that is not a call of the module now, and at the same place in each replay of the pass. */
  betweenCalls(work: () => void): void;
  /** Ends all programs, as arrays that they name are given back. */
  forget(): void;
  /** Makes the functions and every `Repeat` refuse from now on. */
  dispose(): void;
  /** A `Repeat` whose program lies in arrays of `buffers`. */
  repeat(buffers: Pick<Lender, 'allocateTokens' | 'free'>): Repeat;
}

/** Work between two calls of a program: after its first `words` words. */
interface Interlude {
  readonly words: number;
  work(): void;
}

/** Captures and replays calls of a team's functions, as CUDA graphs do; the contract is at the head of this file. */
export function callCapture(given: Exports): CallCapture {
  const current = { ...given };
  let words: number[] = [];
  let works = new Set<() => void>();
  let interludes: Interlude[] = [];
  let underWay = false; // a pass is being captured
  let valid = true;
  let generation = 0;
  let disposed = false;
  let aside = false; // work is under way that each replay does as well
  const replayed = Object.entries<Definition>(definitions).flatMap(([name, definition], number) =>
    definition.replayed ? [{ name, number, call: given[name as Name] }] : [],
  );
  const capturing = Object.fromEntries(
    replayed.map(({ name, number, call }) => [
      name,
      (...args: number[]) => {
        if (!aside) words.push(number, ...args);
        return call(...args);
      },
    ]),
  );
  const plainly = Object.fromEntries(replayed.map(({ name, call }) => [name, call]));

  function capture(run: () => void): void {
    words = [];
    works = new Set();
    interludes = [];
    valid = true;
    underWay = true;
    Object.assign(current, capturing);
    try {
      run();
    } finally {
      underWay = false;
      if (!disposed) Object.assign(current, plainly); // the pass may have disposed the kernel
    }
  }

  function doAside(work: () => void): void {
    const outer = aside;
    aside = true;
    try {
      work();
    } finally {
      aside = outer;
    }
  }

  return {
    current,
    invalidate() {
      if (!aside) valid = false;
    },
    beforeReplay(work) {
      if (underWay) works.add(work);
      doAside(work);
    },
    betweenCalls(work) {
      if (underWay && !aside) interludes.push({ words: words.length, work });
      doAside(work);
    },
    forget() {
      generation++;
    },
    dispose() {
      disposed = true;
      for (const name of Object.keys(current)) Object.assign(current, { [name]: refuseDisposed });
    },
    repeat({ allocateTokens, free }) {
      const program = growableBuffer(allocateTokens, free);
      let known = NaN; // the key of the last pass
      let captured = -1; // the generation of the program; -1: there is none
      let before: readonly (() => void)[] = [];
      let between: readonly Interlude[] = [];
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
          between = interludes;
          captured = begun;
        } else {
          for (const work of before) work();
          let at = start;
          for (const { words, work } of between) {
            given.play(at, (at = start + 4 * words));
            work();
          }
          given.play(at, end);
        }
      };
    },
  };
}
