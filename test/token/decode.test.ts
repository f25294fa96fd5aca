import { test } from 'uvu';
import { marbles } from '../../src/record/marbles.js';
import { decode } from '../../src/token/decode.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';

const ehlo = vocabularyOf(['e', 'h', 'l', 'o']);

marbles('turns tokens into symbols', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold(' -a-b-|', { a: 1, b: 0 });
  const subs = '        ^----!';
  const expected = '    -h-e-|';

  expectObservable(source.pipe(decode(ehlo))).toBe(expected);
  expectSubscriptions(source.subscriptions).toBe(subs);
});

for (const token of [-1, 4, 0.5]) {
  marbles(`${token} is an error`, ({ cold, expectObservable }) => {
    const source = cold(' -a-b-|', { a: 1, b: token });
    const error = new RangeError(`decode: token ${token} at index 1 is outside the vocabulary of 4`);
    expectObservable(source.pipe(decode(ehlo))).toBe('-h-#', undefined, error);
  });
}

test.run();
