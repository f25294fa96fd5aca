import type { Call } from './sharedCall.js';
import type { Exports } from '../wasm/instantiate.js';

/** A way to cut a call into parts that are worked out side by side. */
interface Cut {
  /** The argument that counts what is shared out. */
  readonly counted: number;
  /** Parts are whole multiples of it. */
  readonly unit: number;
  /** Parts for each thread: several, so that a slow one takes fewer. */
  readonly parts: number;
  /** By how much each argument moves on from one of the counted to the next. */
  strides(args: readonly number[], size: number): readonly number[];
}

interface Shared {
  /** How long a call takes, in multiplications. */
  work(args: readonly number[]): number;
  readonly cuts: readonly Cut[];
}

/** Below so many multiplications, a few microseconds, a call is not shared. */
const WORTH = 100_000;

/** A function of arrays all of whose numbers, `counted` of them, are alike. */
function elements(counted: number, arrays: readonly number[], weight: number): Shared {
  return {
    work: (args) => weight * args[counted]!,
    cuts: [{ counted, unit: 16, parts: 4, strides: (args, size) => arrays.map((i) => (args[i] === 0 ? 0 : size)) }],
  };
}

/** A function of `counted` rows; `strides` in bytes, from the bytes of a number and the width of a row. */
function rows(
  counted: number,
  width: number,
  weight: number,
  strides: (size: number, width: number) => readonly number[],
): Shared {
  return {
    work: (args) => weight * args[counted]! * args[width]!,
    cuts: [{ counted, unit: 1, parts: 4, strides: (args, size) => strides(size, args[width]!) }],
  };
}

const multiplications = ([, , , rows, inputs, outputs]: readonly number[]): number => rows! * inputs! * outputs!;

/** Every part writes rows or columns of its own and sums in the order of the whole, so that bits stay the same. */
const SHARED: Partial<Record<keyof Exports, Shared>> = {
  multiply: {
    work: multiplications,
    cuts: [
      { counted: 5, unit: 8, parts: 4, strides: ([, , , , inputs], size) => [size, 0, inputs! * size] },
      {
        counted: 3,
        unit: 4,
        parts: 4,
        strides: ([, , , , inputs, , yWidth], size) => [yWidth! * size, inputs! * size],
      },
    ],
  },
  outer: {
    work: multiplications, // each part packs all of x: fewer, larger ones
    cuts: [{ counted: 5, unit: 4, parts: 2, strides: ([, , , , inputs], size) => [inputs! * size, size] }],
  },
  outerTokens: {
    work: ([, , , rows, , outputs]) => 4 * rows! * outputs!,
    cuts: [{ counted: 5, unit: 16, parts: 1, strides: ([, , , , inputs], size) => [inputs! * size, size] }],
  },
  scatter: {
    work: ([, , , , , rows, columns]) => 4 * rows! * columns!,
    cuts: [{ counted: 6, unit: 16, parts: 1, strides: (_, size) => [size, 0, size] }],
  },
  sumRows: {
    work: ([, , rows, columns]) => 2 * rows! * columns!,
    cuts: [{ counted: 3, unit: 16, parts: 1, strides: (_, size) => [size, size] }],
  },
  pack: {
    work: ([, , inputs, outputs]) => 4 * inputs! * outputs!,
    cuts: [{ counted: 5, unit: 1, parts: 1, strides: () => [0, 0, 0, 0, 1] }],
  },
  packRows: {
    work: ([, , rows, width]) => 4 * rows! * width!,
    cuts: [{ counted: 6, unit: 1, parts: 1, strides: () => [0, 0, 0, 0, 0, 1] }],
  },
  multiplyTokens: rows(3, 5, 1, (size, outputs) => [outputs * size, 4]),
  gather: rows(3, 4, 1, (size, width) => [width * size, 4]),
  setRows: rows(2, 3, 1, (size, width) => [width * size]),
  addRows: rows(2, 3, 1, (size, width) => [width * size]),
  softmax: rows(1, 2, 10, (size, width) => [width * size]),
  crossEntropy: rows(4, 5, 10, (size, width) => [size, width * size, width * size, 4]),
  lstmCell: rows(5, 6, 40, (size, hidden) => [1, 1, 1, 4, 1].map((widths) => widths * hidden * size)),
  lstmCellBack: rows(6, 7, 20, (size, hidden) => [4, 1, 1, 4, 1, 1].map((widths) => widths * hidden * size)),
  gruCell: rows(4, 5, 30, (size, hidden) => [1, 3, 3, 1].map((widths) => widths * hidden * size)),
  gruCellBack: rows(7, 8, 20, (size, hidden) => [3, 3, 1, 1, 3, 3, 1].map((widths) => widths * hidden * size)),
  activateTanh: elements(1, [0], 10),
  activateSigmoid: elements(1, [0], 10),
  activateRelu: elements(1, [0], 1),
  backTanh: elements(2, [0, 1], 2),
  backSigmoid: elements(2, [0, 1], 2),
  backRelu: elements(2, [0, 1], 2),
  zero: elements(1, [0], 1),
  copy: elements(2, [0, 1], 1),
  mask: elements(3, [0, 1, 2], 1),
  scale: elements(2, [0], 1),
  clamp: elements(2, [0], 1),
  sgd: elements(3, [0, 1, 2], 2),
  adagrad: elements(3, [0, 1, 2], 4),
  rmsprop: elements(5, [0, 1, 2, 3, 4], 6),
  adam: elements(5, [0, 1, 2, 3, 4], 6),
};

/** The functions whose calls may be shared. */
export const sharedNames = Object.keys(SHARED) as readonly (keyof Exports)[];

/** Whether a call is long enough to be shared. */
export function worthSharing(name: keyof Exports, args: readonly number[]): boolean {
  return SHARED[name]!.work(args) >= WORTH;
}

/**
 * A call to be shared among `threads`, by the cut that has the smallest parts; undefined where none parts it.
 * `size` is the bytes of a number.
 */
export function partitionCall(
  name: keyof Exports,
  args: readonly number[],
  threads: number,
  size: number,
): Call | undefined {
  let best: Cut | undefined;
  let share = 1; // of the call in one part
  for (const cut of SHARED[name]!.cuts) {
    const own = partSize(cut, args, threads) / args[cut.counted]!;
    if (own < share) [best, share] = [cut, own];
  }
  if (!best) return undefined;
  const { counted } = best;
  return { name, args, counted, each: partSize(best, args, threads), strides: best.strides(args, size) };
}

function partSize({ counted, unit, parts }: Cut, args: readonly number[], threads: number): number {
  return Math.ceil(args[counted]! / (threads * parts) / unit) * unit;
}
