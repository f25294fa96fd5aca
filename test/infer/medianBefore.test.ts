import { from } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { medianBefore, type MedianBeforeOptions } from '../../src/infer/medianBefore.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';

function medians(values: readonly number[], options?: MedianBeforeOptions): number[] {
  const found: number[] = [];
  from(values)
    .pipe(medianBefore(options))
    .subscribe((median) => found.push(median));
  return found;
}

test('it is that of the numbers before, the upper one of two', () => {
  assert.equal(medians([5, 1, 9, 9, 0]), [5, 5, 5, 5, 9]);
});

test('of the last numbers only, however many came', () => {
  const random = numpyRandom(1);
  const values = Array.from({ length: 500 }, () => random.integer(40));
  for (const most of [1, 2, 63, 64, 65, 200, 1000]) {
    const expected = values.map((value, i) => {
      const before = values.slice(Math.max(0, i - most), i).toSorted((a, b) => a - b);
      return before[before.length >> 1] ?? value;
    });
    assert.equal(medians(values, { most }), expected, `${most}`);
  }
});

test.run();
