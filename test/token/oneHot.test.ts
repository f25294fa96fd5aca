import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles } from '../../src/record/marbles.js';
import { oneHot } from '../../src/token/oneHot.js';

const vectors = { x: Float64Array.of(0, 1, 0), y: new Float64Array(3) };

marbles('one number is 1, and none for no input', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold(' -a-b-|', { a: 1, b: -1 });
  const subs = '        ^----!';
  const expected = '    -x-y-|';

  expectObservable(source.pipe(oneHot(3))).toBe(expected, vectors);
  expectSubscriptions(source.subscriptions).toBe(subs);
});

for (const token of [3, -2, 0.5, NaN]) {
  marbles(`${token} is an error`, ({ cold, expectObservable }) => {
    const source = cold(' -a-b-|', { a: 1, b: token });
    const error = new RangeError(`oneHot: token at index 1 must be an integer from -1 to 2, got ${token}`);
    expectObservable(source.pipe(oneHot(3))).toBe('-x-#', vectors, error);
  });
}

test('a size that is not a positive integer is refused at once', () => {
  assert.throws(() => oneHot(0), /oneHot: size must be a positive integer, got 0/);
});

test.run();
