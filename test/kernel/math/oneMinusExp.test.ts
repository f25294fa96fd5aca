// 1 − e^x with all its digits next to 0, in both kernels and both dtypes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { oneMinusExp } from '../../../src/kernel/math/oneMinusExp.js';
import { plain } from '../../../src/kernel/plain/plain.js';
import { wasm } from '../../../src/kernel/wasm/wasm.js';

/** x and 1 − e^−x: `-math.expm1(-x)` of Python 3.11 and glibc. */
const EXACT: readonly (readonly [x: number, value: number])[] = [
  [1e-12, 9.999999999995e-13],
  [2.5e-12, 2.499999999996875e-12],
  [6.25e-12, 6.2499999999804686e-12],
  [1e-11, 9.999999999949999e-12],
  [2.5e-11, 2.49999999996875e-11],
  [6.25e-11, 6.249999999804688e-11],
  [1e-10, 9.999999999500001e-11],
  [2.5e-10, 2.4999999996875e-10],
  [6.25e-10, 6.249999998046875e-10],
  [1e-9, 9.999999995e-10],
  [2.5e-9, 2.499999996875e-9],
  [6.25e-9, 6.24999998046875e-9],
  [1e-8, 9.999999950000001e-9],
  [2.5e-8, 2.49999996875e-8],
  [6.25e-8, 6.249999804687503e-8],
  [1e-7, 9.999999500000016e-8],
  [2.5e-7, 2.499999687500026e-7],
  [6.25e-7, 6.249998046875407e-7],
  [1e-6, 9.999995000001667e-7],
  [2.5e-6, 2.499996875002604e-6],
  [6.25e-6, 6.24998046879069e-6],
  [1e-5, 9.999950000166666e-6],
  [2.5e-5, 2.499968750260415e-5],
  [6.25e-5, 6.249804691568947e-5],
  [0.0001, 9.999500016666251e-5],
  [0.00025, 0.0002499687526040039],
  [0.000625, 0.0006248047281837471],
  [0.001, 0.0009995001666250085],
  [0.0025, 0.002496877602539876],
  [0.00625, 0.006230509376605269],
  [0.01, 0.009950166250831947],
  [0.025, 0.024690087971667333],
  [0.0625, 0.06058693718652421],
  [0.1, 0.09516258196404043],
  [0.25, 0.22119921692859512],
  [0.625, 0.4647385714810098],
  [1.0, 0.6321205588285577],
];

/** Fails where a number is farther off than a share of the exact one. */
function near(value: number, exact: number, share: number, what: string): void {
  assert.ok(Math.abs(value - exact) <= share * exact, `${what}: ${value}, not ${exact}`);
}

test('1 − e^−x from 1e-12 to 1 is that of expm1, to one unit in the last place', () => {
  for (const [x, exact] of EXACT) near(oneMinusExp(-x), exact, 2 ** -52, `1 − e^−${x}`);
});

for (const [dtype, share] of [
  ['float64', 2 ** -52],
  ['float32', 2 ** -22],
] as const) {
  test(`what a decay of RG-LRU leaves has as many digits, in both kernels of ${dtype}`, () => {
    const n = EXACT.length;
    const found = [wasm(dtype), plain(dtype)].map((kernel) => {
      const [decay, rest, gates, rates] = [n, n, n, n].map((length) => kernel.allocate(length));
      rates!.fill(1 / 16); // then the logarithm of a² is minus the gate
      for (const [i, [x]] of EXACT.entries()) gates![i] = x;
      kernel.rgLruGates(decay!, rest!, gates!, rates!, 1, n);
      for (const [i, x] of [...gates!].entries()) {
        const exact = dtype === 'float64' ? EXACT[i]![1] : oneMinusExp(-x); // of the rounded x
        near(rest![i]!, exact, share, `1 − e^−${x}, ${kernel.backend}`);
      }
      return [...rest!];
    });
    if (dtype === 'float64') assert.equal(found[0], found[1]);
  });
}

test.run();
