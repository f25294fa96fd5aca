import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seeded } from '../../src/random/seeded.js';
import { sineCosine } from '../../src/random/sineCosine.js';
import { type Exact, parts, ulps } from '../kernel/math/exact.js';

for (const [low, high] of [
  [0, 2 * Math.PI],
  [0, 1e-6],
  [Math.PI / 4 - 1e-9, Math.PI / 4 + 1e-9],
  [Math.PI / 2 - 1e-9, Math.PI / 2 + 1e-9],
  [Math.PI - 1e-9, Math.PI + 1e-9],
  [6.28, 2 * Math.PI],
] as const) {
  test(`sine and cosine of 2000 angles between ${low} and ${high} are the true ones, rounded`, () => {
    const random = seeded(`angles ${low} ${high}`);
    for (let i = 0; i < 2000; i++) holds(random.uniform(low, high));
  });
}

test('sine and cosine at each quarter turn, and of the smallest angles torch draws', () => {
  assert.equal(sineCosine(0), [0, 1]);
  const turn = 2 * Math.PI;
  for (let i = 1; i <= 16; i++) holds((turn / 16) * i);
  for (const u of [2 ** -53, 2 ** -24, 1 - 2 ** -53, 1 - 2 ** -24]) holds(turn * u);
});

test.run();

function holds(angle: number): void {
  const [sine, cosine] = sineCosine(angle);
  const [trueSine, trueCosine] = exact(angle);
  assert.ok(ulps(sine, trueSine) <= 0.5, `sine of ${angle} = ${sine}`);
  assert.ok(ulps(cosine, trueCosine) <= 0.5, `cosine of ${angle} = ${cosine}`);
}

/** Sine and cosine in whole numbers of 300 bits after the point, by Taylor's series. */
function exact(angle: number): readonly [sine: Exact, cosine: Exact] {
  const bits = 300;
  const { mantissa, exponent } = parts(angle);
  const x = exponent + bits >= 0 ? mantissa << BigInt(exponent + bits) : mantissa >> BigInt(-exponent - bits);
  const sums: [bigint, bigint] = [0n, 0n];
  let term = 1n << BigInt(bits);
  for (let n = 0n; term !== 0n; n++) {
    sums[n % 2n === 0n ? 1 : 0] += n % 4n < 2n ? term : -term;
    term = ((term * x) / (n + 1n)) >> BigInt(bits);
  }
  return [
    { mantissa: sums[0], exponent: -bits },
    { mantissa: sums[1], exponent: -bits },
  ];
}
