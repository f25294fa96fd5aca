// The gates of minLSTM wherever their sums lie, against the shares by logarithms, and both kernels against each other.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Kernel } from '../../src/kernel/kernel.js';
import { plain } from '../../src/kernel/plain/plain.js';
import { wasm } from '../../src/kernel/wasm/wasm.js';
import type { Dtype, Numbers } from '../../src/types.js';

const MARKS = [
  750, 731, 720, 701, 700, 699, 660, 641, 640, 639, 610, 513, 512, 511, 300, 120, 104, 90, 88, 86, 81, 80, 79,
];
const SIDE = [...MARKS, 70, 64, 61, 60, 59, 50, 45, 40, 33, 32, 31, 18, 9, 3.25, 1, 0.5];
/** Sums of gates: both ends, and both sides of every place at which something changes. */
const SUMS = [...SIDE.flatMap((x) => [-x, x]), 0, -Infinity, -1e4, -1e4 - 2];
const PAIRS = SUMS.flatMap((f) => SUMS.map((i) => [f, i] as const));
/** Pairs that differ by a little, anywhere below. */
const NEAR = SIDE.flatMap((x) => [0.25, 2.5, 7, 20].flatMap((by) => [[-x, -x - by] as const, [-x - by, -x] as const]));

const DTYPES: Readonly<Record<Dtype, { readonly tolerance: number; readonly unit: number }>> = {
  float32: { tolerance: 4e-7, unit: 2e-6 },
  float64: { tolerance: 1e-15, unit: 1e-14 },
};

/** log σ(f) − log σ(i), without a difference of large numbers. */
function ahead(f: number, i: number): number {
  if (f === i) return 0;
  const rest = Math.log1p(Math.exp(-Math.abs(i))) - Math.log1p(Math.exp(-Math.abs(f)));
  return Math.min(f, 0) - Math.min(i, 0) + rest;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The shares of all pairs in one row each, with their gradients: of `keep` where dKeep is 1, of the candidate. */
function shares(kernel: Kernel, pairs: typeof PAIRS): readonly Numbers[] {
  const n = pairs.length;
  const [keep, fresh, dKeep, dFresh] = [n, n, n, n].map((length) => kernel.allocate(length));
  const [sums, dSums] = [kernel.allocate(3 * n), kernel.allocate(3 * n)];
  for (const [k, [f, i]] of pairs.entries()) {
    [sums[k], sums[n + k], sums[2 * n + k]] = [1, f, i];
    [dKeep![k], dFresh![k]] = [1, 0];
  }
  kernel.minLstmGates(keep!, fresh!, sums, 1, n);
  kernel.minLstmGatesBack(dSums, dKeep!, dFresh!, keep!, sums, 1, n);
  return [keep!, fresh!, dSums.subarray(n, 2 * n), dSums.subarray(2 * n, 3 * n)].map((numbers) => numbers.slice());
}

for (const dtype of ['float32', 'float64'] as const) {
  const { tolerance, unit } = DTYPES[dtype];
  for (const [name, kernel] of [
    ['wasm', wasm(dtype)],
    ['plain', plain(dtype)],
  ] as const) {
    test(`${name}, ${dtype}: the shares of minLSTM's gates and their gradients at every place`, () => {
      const pairs = [...PAIRS, ...NEAR];
      const [keep, fresh, dForget, dInput] = shares(kernel, pairs);
      for (const [k, [f, i]] of pairs.entries()) {
        const difference = ahead(f, i);
        const [kept, taken] = [sigmoid(difference), sigmoid(-difference)];
        const expected = [kept, taken, kept * taken * sigmoid(-f), -kept * taken * sigmoid(-i)];
        for (const [at, numbers] of [keep!, fresh!, dForget!, dInput!].entries()) {
          const error = Math.abs(numbers[k]! - expected[at]!);
          if (!(error <= tolerance)) assert.unreachable(`${f}, ${i}: ${numbers[k]} for ${expected[at]}, number ${at}`);
        }
      }
    });

    test(`${name}, ${dtype}: where both of minLSTM's sums are low, the lesser share has all digits too`, () => {
      for (const by of [0.25, 2.5, 7, 20]) {
        for (const x of SIDE.filter((x) => x > 18)) {
          const [keep, fresh] = shares(kernel, [[-x - by, -x]]);
          const expected = sigmoid(ahead(-x - by, -x));
          assert.ok(
            Math.abs(keep![0]! - expected) <= unit * expected,
            `${-x - by}, ${-x}: ${keep![0]} for ${expected}`,
          );
          assert.ok(Math.abs(fresh![0]! + keep![0]! - 1) <= tolerance);
        }
      }
    });
  }
}

test('plain and wasm share out to the bit', () => {
  assert.equal(shares(wasm('float64'), PAIRS), shares(plain('float64'), PAIRS));
});

test.run();
