import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { log } from '../../src/random/log.js';
import { seeded } from '../../src/random/seeded.js';
import { exactLog, ulps } from '../kernel/math/exact.js';

for (const [low, high] of [
  [0, 1],
  [0.9, 1.1],
  [0.5, 2],
  [1e-12, 1e-6],
  [1, 1e300],
] as const) {
  test(`every one of 20000 logarithms between ${low} and ${high} is the true one, rounded`, () => {
    const random = seeded(`log ${low} ${high}`);
    for (let i = 0; i < 20_000; i++) {
      const x = random.uniform(low, high);
      const value = log(x);
      assert.ok(ulps(value, exactLog(x, value)) <= 0.5, `log(${x}) = ${value}`);
    }
  });
}

test('logarithms next to 1, and at both ends of what the polar method asks', () => {
  assert.is(log(1), 0);
  for (const x of [1 - 2 ** -53, 1 + 2 ** -52, 1 - 2 ** -30, 2 ** -104, 2 ** -1022, Number.MAX_VALUE]) {
    const value = log(x);
    assert.ok(ulps(value, exactLog(x, value)) <= 0.5, `log(${x}) = ${value}`);
  }
});

test.run();
