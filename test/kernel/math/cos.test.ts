import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cos } from '../../../src/kernel/math/cos.js';
import { log1p } from '../../../src/kernel/math/log1p.js';
import { softplus } from '../../../src/kernel/math/softplus.js';
import { seeded } from '../../../src/random/seeded.js';
import { exactLog, parts, ulps } from './exact.js';

const BITS = 300n;

/** cos x in units of 2^−300, by its series. */
function exactCos(x: number): bigint {
  const { mantissa, exponent } = parts(x);
  const shift = BITS + BigInt(exponent);
  const fixed = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  const square = (fixed * fixed) >> BITS;
  let term = 1n << BITS;
  let sum = term;
  for (let n = 1n; term !== 0n && n < 400n; n += 2n) {
    term = -((term * square) >> BITS) / (n * (n + 1n));
    sum += term;
  }
  return sum;
}

/** How far y is from the truth. */
function error(y: number, truth: bigint): number {
  const { mantissa, exponent } = parts(y);
  const shift = BITS + BigInt(exponent);
  const fixed = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return Math.abs(Number(fixed - truth)) / 2 ** 300;
}

for (const [low, high] of [
  [0, Math.PI],
  [-1, 1],
  [-8, 8],
  [-40, 40],
  [1.57, 1.571],
] as const) {
  test(`cos on ${low} … ${high}: error below 2e-16`, () => {
    const random = seeded(`cos ${low} ${high}`);
    let worst = 0;
    for (let i = 0; i < 3000; i++) {
      const x = low + (high - low) * random.uniform();
      worst = Math.max(worst, error(cos(x), exactCos(x)));
    }
    console.log(`cos ${low} … ${high}: worst ${worst.toExponential(2)}`);
    assert.ok(worst < 2e-16, String(worst));
  });
}

test('cos of large arguments agrees with the engine, as far as whole turns are taken off', () => {
  const random = seeded('large');
  for (let i = 0; i < 100_000; i++) {
    const x = random.uniform(-1048575, 1048575);
    assert.ok(Math.abs(cos(x) - Math.cos(x)) < 4e-16, `cos(${x})`);
  }
  for (const x of [1048576, -1048576, Infinity, NaN]) assert.ok(Number.isNaN(cos(x)), `cos(${x})`);
});

test('cosines that are known by heart; even to the bit', () => {
  assert.equal([cos(0), cos(-0), cos(Math.PI), cos(2 * Math.PI)], [1, 1, -1, 1]);
  assert.is(cos(Math.PI / 2), 6.123233995736766e-17); // what the rounded π / 2 lacks
  assert.ok(Math.abs(cos(Math.PI / 3) - 0.5) < 2e-16);
  for (const x of [0.3, 1.2, 2.5, 4, 77]) assert.is(cos(-x), cos(x));
});

test('log1p: error below 1 unit, from the smallest share to 1', () => {
  const random = seeded('log1p');
  let worst = 0;
  for (let i = 0; i < 5000; i++) {
    const x = random.uniform() * 2 ** -random.integer(60);
    const u = 1 + x;
    // ln(1 + x) where 1 + x is exact; below that the series x − x²/2, whose next term is out of sight
    if (u - 1 === x) worst = Math.max(worst, ulps(log1p(x), exactLog(u, log1p(x))));
    else if (x < 1e-9) assert.ok(Math.abs(log1p(x) - (x - (x * x) / 2)) <= x * 2.3e-16, `log1p(${x})`);
    else assert.ok(Math.abs(log1p(x) - Math.log1p(x)) <= 4e-16 * log1p(x), `log1p(${x})`);
  }
  assert.ok(worst < 1, String(worst));
  assert.equal([log1p(0), log1p(1), log1p(Number.MIN_VALUE)], [0, Math.LN2, Number.MIN_VALUE]);
});

test('softplus: ln(1 + e^x) to eight parts in 10^16, and both its ends', () => {
  const random = seeded('softplus');
  for (let i = 0; i < 5000; i++) {
    const x = random.uniform(-40, 40);
    const expected = Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    assert.ok(Math.abs(softplus(x) - expected) <= 8e-16 * expected, `softplus(${x})`);
  }
  assert.equal([-Infinity, -800, 0, 50, 1000, Infinity].map(softplus), [0, 0, Math.LN2, 50, 1000, Infinity]);
  assert.ok(softplus(-745) > 0);
  assert.ok(Number.isNaN(softplus(NaN)));
});

test.run();
