import type { BufferScope, Kernel } from '../kernel/kernel.js';
import { roomFor } from '../layer/roomFor.js';
import type { Numbers } from '../types.js';
import type { ParameterBlock } from './parameterBlock.js';

/** From a number to the one after the last. */
export type GradientRun = readonly [from: number, to: number];

/**
 * Where the learned gradients can be other than 0 after a backward pass: everywhere but in the rows of large tables that
 * the pass has not touched. What works on these runs alone has the bits of what works on all.
 */
export interface GradientRuns {
  /** All gradients: nobody writes them outside of the runs. */
  readonly block: ParameterBlock;
  /** Ascending and apart; they begin and end at multiples of 64 numbers, but for the end of all. */
  readonly runs: readonly GradientRun[];
  /** The gradients of the runs, one after another, in memory of its own, and how many they are. */
  gather(): { readonly numbers: Numbers; readonly length: number };
}

/** The runs of one set of buffers. */
export interface GradientRunsKeeper {
  /** Those of the last backward pass. */
  readonly current: GradientRuns;
  /** Zeros what the last backward pass has touched. */
  clear(): void;
  /** Takes in which rows a backward pass has touched; −1 is none. */
  touch(rows: Int32Array): void;
}

/** A table of which passes touch some rows. */
export interface GradientTable {
  /** Where it lies among the learned gradients. */
  readonly run: GradientRun;
  /** Numbers of a row. */
  readonly width: number;
}

/** Sums over gradients are of so many numbers at a time; a part of zeros adds nothing to any bit. */
const BLOCK = 64;

/** Keeps the runs of gradients that are zeros at first. */
export function gradientRuns(
  kernel: Kernel,
  { allocate }: Pick<BufferScope, 'allocate'>,
  block: ParameterBlock,
  { run: table, width }: GradientTable,
): GradientRunsKeeper {
  const { numbers: all, learned } = block;
  const blocks = ([from, to]: GradientRun): GradientRun => [
    Math.floor(from / BLOCK) * BLOCK,
    Math.min(Math.ceil(to / BLOCK) * BLOCK, learned.length),
  ];
  const always = [[0, table[0]] as const, [table[1], learned.length] as const]
    .filter(([from, to]) => to > from)
    .map(blocks);
  const room = roomFor(allocate);
  let runs = merge(always);

  const current: GradientRuns = {
    block,
    get runs() {
      return runs;
    },
    gather() {
      const length = runs.reduce((sum, [from, to]) => sum + to - from, 0);
      const numbers = room(length);
      let place = 0;
      for (const [from, to] of runs) {
        kernel.copy(numbers.subarray(place, place + to - from), learned.subarray(from, to), to - from);
        place += to - from;
      }
      return { numbers, length };
    },
  };

  return {
    current,
    clear() {
      for (const [from, to] of runs) kernel.zero(all.subarray(from, to), to - from);
      if (all.length > learned.length) kernel.zero(all.subarray(learned.length), all.length - learned.length);
    },
    touch(rows) {
      const own = [...new Set(rows)].filter((row) => row >= 0);
      const rowRun = (row: number): GradientRun => [table[0] + row * width, table[0] + (row + 1) * width];
      runs = merge([...always, ...own.map((row) => blocks(rowRun(row)))]);
    },
  };
}

/** Joins runs that overlap or are next to each other. */
function merge(runs: readonly GradientRun[]): GradientRun[] {
  const merged: [number, number][] = [];
  for (const [from, to] of runs.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
