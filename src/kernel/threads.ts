import { alone } from './alone.js';
import type { Crew, Site } from './crew.js';
import type { Exports } from './instantiate.js';
import { type Hand, hire } from './hire.js';

/** How one function of the module is cut into parts that are worked out side by side. */
interface Cut {
  /** The argument that counts what is shared out. */
  readonly counted: number;
  /** Parts are whole multiples of it. */
  readonly unit: number;
  /** Bytes by which each argument moves on from one of the counted to the next. */
  strides(args: readonly number[], size: number): readonly number[];
  /** The call's size in multiplications. */
  work(args: readonly number[]): number;
}

/** Below so many multiplications, a few microseconds, a call is not shared. */
const WORTH = 100_000;

const elements = (counted: number, arrays: readonly number[], weight: number): readonly Cut[] => [
  {
    counted,
    unit: 16,
    strides: (args, size) => arrays.map((i) => (args[i] === 0 ? 0 : size)),
    work: (args) => weight * args[counted]!,
  },
];

const multiplications = ([, , , rows, inputs, outputs]: readonly number[]): number => rows! * inputs! * outputs!;

/** Every part writes rows or columns of its own and sums in the order of the whole, so that bits stay the same. */
const CUTS: Partial<Record<keyof Exports, readonly Cut[]>> = {
  multiply: [
    {
      counted: 5,
      unit: 8,
      strides: ([, , , , inputs], size) => [size, 0, inputs! * size],
      work: multiplications,
    },
    {
      counted: 3,
      unit: 4,
      strides: ([, , , , inputs, , yWidth], size) => [yWidth! * size, inputs! * size],
      work: multiplications,
    },
  ],
  outer: [
    {
      counted: 5,
      unit: 4,
      strides: ([, , , , inputs], size) => [inputs! * size, size],
      work: multiplications,
    },
  ],
  multiplyTokens: [
    {
      counted: 3,
      unit: 1,
      strides: ([, , , , , outputs], size) => [outputs! * size, 4],
      work: ([, , , rows, , outputs]) => rows! * outputs!,
    },
  ],
  lstmCell: [
    {
      counted: 5,
      unit: 1,
      strides: (args, size) => [1, 1, 1, 4, 1].map((rows) => rows * args[6]! * size),
      work: (args) => 40 * args[5]! * args[6]!,
    },
  ],
  lstmCellBack: [
    {
      counted: 6,
      unit: 1,
      strides: (args, size) => [4, 1, 1, 4, 1, 1].map((rows) => rows * args[7]! * size),
      work: (args) => 20 * args[6]! * args[7]!,
    },
  ],
  gruCell: [
    {
      counted: 4,
      unit: 1,
      strides: (args, size) => [1, 3, 3, 1].map((rows) => rows * args[5]! * size),
      work: (args) => 30 * args[4]! * args[5]!,
    },
  ],
  gruCellBack: [
    {
      counted: 7,
      unit: 1,
      strides: (args, size) => [3, 3, 1, 1, 3, 3, 1].map((rows) => rows * args[8]! * size),
      work: (args) => 20 * args[7]! * args[8]!,
    },
  ],
  crossEntropy: [
    {
      counted: 4,
      unit: 1,
      strides: (args, size) => [size, args[5]! * size, args[5]! * size, 4],
      work: (args) => 10 * args[4]! * args[5]!,
    },
  ],
  activateTanh: elements(1, [0], 10),
  activateSigmoid: elements(1, [0], 10),
  backTanh: elements(2, [0, 1], 2),
  backSigmoid: elements(2, [0, 1], 2),
  scale: elements(2, [0], 1),
  clamp: elements(2, [0], 1),
  sgd: elements(3, [0, 1, 2], 2),
  adagrad: elements(3, [0, 1, 2], 4),
  rmsprop: elements(5, [0, 1, 2, 3, 4], 6),
  adam: elements(5, [0, 1, 2, 3, 4], 6),
};

/**
 * A crew of `count` threads, this one among them: large calls are shared out, small ones stay here. The others are
 * worker threads on the same memory; they wait, and do not keep the process alive.
 */
export function threads(count: number): (site: Site) => Crew {
  return (site) => {
    const { size, allocate } = site;
    const self = alone(site);
    const hands = hire(count - 1, site);
    let scratch = 0;

    /** How much of a call the largest part of a cut is. */
    function most({ counted, unit }: Cut, args: readonly number[]): number {
      return partOf(args[counted]!, unit) / args[counted]!;
    }

    function partOf(total: number, unit: number): number {
      return Math.ceil(total / count / unit) * unit;
    }

    function share(name: keyof Exports, cuts: readonly Cut[], args: readonly number[]): void {
      const cut = cuts.reduce((best, other) => (most(other, args) < most(best, args) ? other : best));
      const { counted, unit } = cut;
      const total = args[counted]!;
      const each = partOf(total, unit);
      const strides = cut.strides(args, size);
      const part = (from: number): number[] => {
        const own = args.map((argument, i) => argument + from * (strides[i] ?? 0));
        own[counted] = Math.min(each, total - from);
        return own;
      };
      const busy: Hand[] = [];
      for (const [i, hand] of hands.entries()) {
        const from = (i + 1) * each;
        if (from >= total) break;
        hand.begin(name, part(from));
        busy.push(hand);
      }
      site.exports[name](...part(0));
      for (const hand of busy) hand.finish();
    }

    const shared: Partial<Record<keyof Exports, (...args: number[]) => number>> = {};
    for (const [name, cuts] of Object.entries(CUTS) as [keyof Exports, readonly Cut[]][]) {
      const here = site.exports[name];
      shared[name] = (...args) => {
        if (hands.length === 0 || cuts[0]!.work(args) < WORTH) return here(...args);
        share(name, cuts, args);
        return 0;
      };
    }

    return {
      alone: false,
      exports: { ...site.exports, ...shared },
      needScratch(bytes) {
        self.needScratch(bytes);
        if (bytes <= scratch) return;
        scratch = Math.ceil(bytes * 1.5);
        for (const hand of hands) {
          hand.begin('useScratch', [allocate(Math.ceil(scratch / 4)).byteOffset]);
          hand.finish();
        }
      },
      close() {
        for (const hand of hands.splice(0)) hand.leave();
      },
    };
  };
}
