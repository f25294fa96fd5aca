import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { quantileLimit } from '../../src/log/quantileLimit.js';
import { tailLimit } from '../../src/log/tailLimit.js';
import { type Limit, thresholdOf } from '../../src/log/thresholdOf.js';
import { seeded } from '../../src/random/seeded.js';

const random = seeded('tail');
/** Exponential values of mean 1. */
const draws = (count: number): number[] => Array.from({ length: count }, () => -Math.log(1 - random.uniform()));
const QUANTILE = Math.log(1000); // what one in a thousand of them is above

function limitAfter(values: readonly number[], limit: Limit, oneIn = 1000): number {
  const threshold = thresholdOf(oneIn, 1, limit);
  for (const value of values) threshold.add(value);
  return threshold.value;
}

test('the limit of a tail is nearer to the quantile than the highest value is, long before there are so many values', () => {
  const logs = Array.from({ length: 40 }, () => draws(320));
  const error = (limit: Limit): number =>
    logs.reduce((sum, values) => sum + (limitAfter(values, limit) - QUANTILE) ** 2, 0);
  const [tail, highest] = [error(tailLimit(1, 1)), error(quantileLimit(1, 0))];
  assert.ok(tail < 0.9 * highest, `${tail} ${highest}`);
});

test('with many values the limit of a tail is the quantile, whatever was believed', () => {
  const values = draws(32_000);
  for (const scale of [0.5, 1, 2]) {
    const limit = limitAfter(values, tailLimit(scale, 1));
    assert.ok(Math.abs(limit - QUANTILE) < 0.7, `${scale}: ${limit}`);
  }
});

test('the limit of a tail is never below the quantile of the values so far', () => {
  const values = [...draws(3000), ...Array.from({ length: 20 }, () => 30)];
  assert.ok(limitAfter(values, tailLimit(1, 10)) > 30);
});

test('before anything exceeds, the limit of a tail is in proportion to the belief', () => {
  const nothing = Array.from({ length: 160 }, () => 0);
  const [none, one, two] = [0, 1, 2].map((scale) => limitAfter(nothing, tailLimit(scale, 1)));
  assert.ok(one! > 3 && Math.abs(two! - none! - 2 * (one! - none!)) < 1e-9, `${none} ${one} ${two}`);
});

test('the more values overlap, the longer the belief counts', () => {
  const values = draws(320).map((value) => value / 4);
  assert.ok(limitAfter(values, tailLimit(1, 10)) > limitAfter(values, tailLimit(1, 1)));
});

test('with fading the first values of many say less than the last, but of none is more forgotten than without', () => {
  const falling = Array.from({ length: 6400 }, (_, i) => (i % 100 === 0 ? 30 * (1 - i / 6400) : 0));
  const [none, half, one] = [0, 0.5, 1].map((fading) => {
    const threshold = thresholdOf(1000, 1, quantileLimit(1, 0), fading);
    for (const value of falling) threshold.add(value);
    return threshold.value;
  });
  assert.ok(none! > half! + 1 && half! > one! + 1, `${none} ${half} ${one}`);
  const long = thresholdOf(10, 1, quantileLimit(1, 0), 1);
  const plain = thresholdOf(10, 1, quantileLimit(1, 0));
  for (const value of draws(32_000)) [long, plain].forEach((threshold) => threshold.add(value));
  assert.is(long.value, plain.value);
});

test('a limit for one value in fewer than thirty is their quantile', () => {
  const values = Array.from({ length: 160 }, (_, i) => i % 20);
  const limit = limitAfter(values, tailLimit(1, 1), 10);
  assert.ok(limit > 17 && limit <= 19, `${limit}`);
});

test.run();
