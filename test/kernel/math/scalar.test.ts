import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exp } from '../../../src/kernel/math/exp.js';
import { log } from '../../../src/kernel/math/log.js';
import { oneMinusExp } from '../../../src/kernel/math/oneMinusExp.js';
import { sigmoid } from '../../../src/kernel/math/sigmoid.js';
import { tanh } from '../../../src/kernel/math/tanh.js';
import { seeded } from '../../../src/random/seeded.js';
import { type Exact, exactExp, exactLog, exactOneMinusExp, exactSigmoid, exactTanh, parts, ulps } from './exact.js';

const TINIEST = Number.MIN_VALUE;
const SMALLEST_NORMAL = 2 ** -1022;
const LARGEST = Number.MAX_VALUE;

/** A stretch of arguments, and the error that no answer in it passes, in units of the last place. */
interface Stretch {
  readonly low: number;
  readonly high: number;
  readonly bound: number;
  /** The exponents are spread evenly and both signs come up, instead of the numbers. */
  readonly exponents?: boolean;
}

measured('exp', exp, exactExp, 0.99, [
  { low: -708, high: 709.78, bound: 0.51 },
  { low: -1, high: 1, bound: 0.51 },
  { low: -745.1, high: -708, bound: 0.51 },
  { low: 708, high: 709.7827, bound: 0.52 },
  { low: -60, high: 3, bound: 0.51, exponents: true },
]);
measured('tanh', tanh, exactTanh, 0.99, [
  { low: -20, high: 20, bound: 0.53 },
  { low: -2, high: 2, bound: 0.53 },
  { low: -0.3, high: 0.3, bound: 0.53 },
  { low: 0.12, high: 0.15, bound: 0.53 },
  { low: -60, high: 4, bound: 0.53, exponents: true },
]);
measured('sigmoid', sigmoid, exactSigmoid, 0.99, [
  { low: -46, high: 46, bound: 0.52 },
  { low: -3, high: 3, bound: 0.52 },
  { low: -745, high: -44, bound: 0.52 },
  { low: -60, high: 5, bound: 0.52, exponents: true },
]);
measured(
  '1 − exp of −|x|',
  (x) => oneMinusExp(-Math.abs(x)),
  (x) => exactOneMinusExp(-Math.abs(x)),
  0.95,
  [
    { low: -45, high: 0, bound: 0.55 },
    { low: -1, high: 0, bound: 0.6 },
    { low: -0.05, high: 0, bound: 0.6 },
    { low: -60, high: 5, bound: 0.6, exponents: true },
  ],
);
measured('log', log, (x) => exactLog(x, log(x)), 0.99, [
  { low: 0, high: 10, bound: 0.51 },
  { low: 0.98, high: 1.02, bound: 0.52 },
  { low: 0.5, high: 2, bound: 0.51 },
  { low: 0, high: SMALLEST_NORMAL, bound: 0.51 },
  { low: 0, high: LARGEST, bound: 0.51 },
]);

test('log of numbers next to 1 keeps its last places', () => {
  for (let k = 1; k <= 52; k++) {
    for (const x of [1 + 2 ** -k, 1 - 2 ** -(k + 1)]) assert.ok(ulps(log(x), exactLog(x, log(x))) < 0.51, `log(${x})`);
  }
});

test('powers of e that are known by heart', () => {
  assert.is(exp(1), Math.E);
  assert.is(log(2), Math.LN2);
  assert.is(log(10), Math.LN10);
  assert.is(log(exp(1)), 1);
  for (let k = -1074; k < 1024; k++) assert.ok(Math.abs(log(2 ** k) - k * Math.LN2) <= Math.abs(k) * 2e-16);
});

test('exp at zeros, infinities, NaN and both ends', () => {
  same(exp, [
    [0, 1],
    [-0, 1],
    [Infinity, Infinity],
    [-Infinity, 0],
    [NaN, NaN],
    [TINIEST, 1],
    [-TINIEST, 1],
    [709.782712893384, 1.7976931348622732e308],
    [709.7827128933841, Infinity],
    [1000, Infinity],
    [LARGEST, Infinity],
    [-745.1332191019411, TINIEST],
    [-745.1332191019412, 0],
    [-746.5, 0],
    [-LARGEST, 0],
  ]);
});

test('1 − exp at zeros, minus infinity, NaN and where it becomes 1', () => {
  same(oneMinusExp, [
    [0, 0],
    [-0, 0],
    [-Infinity, 1],
    [NaN, NaN],
    [-TINIEST, TINIEST],
    [-1e-300, 1e-300],
    [-40.5, 1],
    [-LARGEST, 1],
  ]);
  assert.ok(oneMinusExp(-36) < 1);
});

test('log at zeros, infinities, NaN, below zero and both ends', () => {
  same(log, [
    [0, -Infinity],
    [-0, -Infinity],
    [1, 0],
    [Infinity, Infinity],
    [-Infinity, NaN],
    [-1, NaN],
    [-TINIEST, NaN],
    [NaN, NaN],
    [TINIEST, -744.4400719213812],
    [SMALLEST_NORMAL, -708.3964185322641],
    [LARGEST, 709.782712893384],
  ]);
});

test('tanh at zeros, infinities, NaN, subnormals and where it becomes 1', () => {
  same(tanh, [
    [0, 0],
    [-0, -0],
    [Infinity, 1],
    [-Infinity, -1],
    [NaN, NaN],
    [TINIEST, TINIEST],
    [-TINIEST, -TINIEST],
    [1e-300, 1e-300],
    [1e-9, 1e-9],
    [19.0625, 1],
    [LARGEST, 1],
    [-400, -1],
  ]);
  assert.ok(tanh(18.5) < 1);
});

test('sigmoid at zeros, infinities, NaN and both ends', () => {
  same(sigmoid, [
    [0, 0.5],
    [-0, 0.5],
    [TINIEST, 0.5],
    [Infinity, 1],
    [-Infinity, 0],
    [NaN, NaN],
    [37.5, 1],
    [800, 1],
    [-800, 0],
    [-745.1332191019411, TINIEST],
  ]);
  assert.ok(sigmoid(36) < 1);
});

test('tanh is odd to the bit', () => {
  const random = seeded('odd');
  for (let i = 0; i < 20_000; i++) {
    const x = random.uniform(-21, 21) * 2 ** -random.integer(30);
    assert.is(tanh(-x), -tanh(x));
  }
});

for (const [name, f, low, high] of [
  ['exp', exp, -746, 710],
  ['log', log, 0, 3],
  ['tanh', tanh, -20, 20],
  ['sigmoid', sigmoid, -60, 40],
  ['1 − exp of −x', (x: number) => oneMinusExp(-x), 0, 45],
] as const) {
  test(`${name} does not fall, from one number to the next and across the range`, () => {
    const random = seeded(name);
    for (let i = 0; i < 2000; i++) {
      let x = random.uniform(low, high);
      let before = f(x);
      for (let steps = 0; steps < 20; steps++) {
        x = after(x);
        const value = f(x);
        assert.ok(value >= before, `${name}(${x}) = ${value} < ${before}`);
        before = value;
      }
    }
    let before = -Infinity;
    for (let i = 0; i <= 100_000; i++) {
      const value = f(low + ((high - low) * i) / 100_000);
      assert.ok(value >= before);
      before = value;
    }
  });
}

for (const edge of [0.125, -0.125, 19.0625, 2 ** -28]) {
  test(`tanh does not jump where its formula changes, at ${edge}`, () => {
    let x = edge - Math.abs(edge) * 2 ** -44;
    for (let i = 0; i < 1000; i++) {
      const next = after(x);
      assert.ok(tanh(next) >= tanh(x) && tanh(next) - tanh(x) <= 2 ** -52);
      x = next;
    }
  });
}

for (const edge of [0.03125, 40]) {
  test(`1 − exp does not jump where its formula changes, at −${edge}`, () => {
    let x = edge - edge * 2 ** -44;
    for (let i = 0; i < 1000; i++) {
      const next = after(x);
      const step = oneMinusExp(-next) - oneMinusExp(-x);
      assert.ok(step >= 0 && step <= 2 ** -56);
      x = next;
    }
  });
}

test('the exact references give what is known', () => {
  assert.ok(ulps(Math.E, exactExp(1)) <= 0.5);
  assert.ok(ulps(Math.LN2, exactLog(2, Math.LN2)) <= 0.5);
  // tanh 1 and sigmoid(-1) to 30 places: 0.761594155955764888119458282605, 0.268941421369995120748840758179
  assert.ok(ulps(0.7615941559557649, exactTanh(1)) <= 0.5);
  assert.ok(ulps(0.2689414213699951, exactSigmoid(-1)) <= 0.5);
  assert.ok(ulps(after(Math.E), exactExp(1)) > 0.5);
  assert.equal(parts(-1), { mantissa: -(1n << 52n), exponent: -52 });
  assert.equal(parts(TINIEST), { mantissa: 1n, exponent: -1074 });
});

test.run();

function measured(
  name: string,
  f: (x: number) => number,
  exact: (x: number) => Exact,
  share: number,
  stretches: Stretch[],
): void {
  for (const { low, high, bound, exponents = false } of stretches) {
    const range = exponents ? `±2^${low} … ±2^${high}` : `${low} … ${high}`;
    test(`${name} on ${range}: error below ${bound} units, ${100 * share} % rounded right`, () => {
      const random = seeded(`${name} ${range}`);
      const count = 5000;
      let right = 0;
      let worst = 0;
      for (let i = 0; i < count; i++) {
        const place = low + (high - low) * random.uniform();
        const x = exponents ? (random.integer(2) * 2 - 1) * 2 ** place : place;
        const error = ulps(f(x), exact(x));
        if (error <= 0.5) right++;
        worst = Math.max(worst, error);
        assert.ok(error < bound, `${name}(${x}) = ${f(x)}: off by ${error}`);
      }
      assert.ok(right / count >= share, `${right} of ${count}`);
      console.log(
        `${name} ${range}: worst ${worst.toFixed(4)} ulp, ${((100 * right) / count).toFixed(2)} % rounded right`,
      );
    });
  }
}

function same(f: (x: number) => number, cases: [number, number][]): void {
  for (const [x, expected] of cases) assert.ok(Object.is(f(x), expected), `${f.name}(${x}): ${f(x)}, not ${expected}`);
}

/** The next number up. */
function after(x: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x === 0 ? 0 : x);
  view.setBigInt64(0, view.getBigInt64(0) + (x < 0 ? -1n : 1n));
  return view.getFloat64(0);
}
