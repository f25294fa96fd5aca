import * as fc from 'fast-check';
import { from, lastValueFrom, toArray, count } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles } from '../../src/record/marbles.js';
import { decode } from '../../src/token/decode.js';
import { encode, type EncodeOptions } from '../../src/token/encode.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';

const ehlo = vocabularyOf(['e', 'h', 'l', 'o']);
const withUnknown = vocabularyOf(['?', 'e', 'h'], { unknown: '?' });
const tokens = { 0: 0, 1: 1, 2: 2, 3: 3 };

marbles('turns symbols into tokens', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold(' -h-e-(llo|)');
  const subs = '        ^----!';
  const expected = '    -1-0-(223|)';

  expectObservable(source.pipe(encode(ehlo))).toBe(expected, tokens);
  expectSubscriptions(source.subscriptions).toBe(subs);
});

marbles('an unknown symbol is an error that closes the source', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold(' -h-y-e-|');
  const subs = '        ^--!';
  const expected = '    -1-#';

  expectObservable(source.pipe(encode(ehlo))).toBe(
    expected,
    tokens,
    new RangeError('encode: unknown symbol "y" (U+0079) at index 1'),
  );
  expectSubscriptions(source.subscriptions).toBe(subs);
});

marbles('unk emits the unknown token', ({ cold, expectObservable }) => {
  const source = cold(' -h-y-|');
  const expected = '    -2-0-|';
  expectObservable(source.pipe(encode(withUnknown, { unknown: 'unk' }))).toBe(expected, tokens);
});

marbles('skip emits nothing', ({ cold, expectObservable }) => {
  const source = cold(' -h-y-e-|');
  const expected = '    -1---0-|';
  expectObservable(source.pipe(encode(ehlo, { unknown: 'skip' }))).toBe(expected, tokens);
});

marbles('what onUnknown throws is an error', ({ cold, expectObservable }) => {
  const options: EncodeOptions = {
    unknown: 'skip',
    onUnknown() {
      throw new Error('enough');
    },
  };
  expectObservable(cold('-h-y-e-|').pipe(encode(ehlo, options))).toBe('-1-#', tokens, new Error('enough'));
});

marbles('passes completion of an empty source and errors on', ({ cold, expectObservable }) => {
  expectObservable(cold('|').pipe(encode(ehlo))).toBe('|');
  expectObservable(cold('--#').pipe(encode(ehlo))).toBe('--#');
});

marbles('unsubscribing in the middle closes the source', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold('-h-e-l-|');
  expectObservable(source.pipe(encode(ehlo)), '^---!').toBe('-1-0-', tokens);
  expectSubscriptions(source.subscriptions).toBe('^---!');
});

test('onUnknown is called with every unknown symbol and its index', async () => {
  const seen: unknown[] = [];
  const options: EncodeOptions = { unknown: 'skip', onUnknown: (symbol, index) => seen.push([symbol, index]) };
  await lastValueFrom(from('hxey').pipe(encode(ehlo, options), count()));
  assert.equal(seen, [
    ['x', 1],
    ['y', 3],
  ]);
});

for (const [symbol, named] of [
  ['é', '"é" (U+00E9)'],
  ['e\u0301', '"e\u0301" (U+0065 U+0301)'],
  ['\u{1f600}', '"\u{1f600}" (U+1F600)'],
  ['\0', '"\\u0000" (U+0000)'],
  ['__proto__', '"__proto__" (U+005F U+005F U+0070 U+0072 U+006F U+0074 U+006F U+005F …)'],
] as const) {
  test(`names ${named} in the error`, async () => {
    let message = '';
    await lastValueFrom(from([symbol]).pipe(encode(ehlo))).catch((error: Error) => (message = error.message));
    assert.is(message, `encode: unknown symbol ${named} at index 0`);
  });
}

test('unk without an unknown symbol is refused at once', () => {
  assert.throws(() => encode(ehlo, { unknown: 'unk' }), /needs a vocabulary with an unknown symbol/);
});

test('another word for unknown is refused at once', () => {
  assert.throws(() => encode(ehlo, { unknown: 'ignore' as 'skip' }), /must be one of error, unk, skip, got "ignore"/);
});

test('decode returns what was encoded', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...ehlo.symbols)), async (symbols) => {
      const back$ = from(symbols).pipe(encode(ehlo), decode(ehlo), toArray());
      assert.equal(await lastValueFrom(back$), symbols);
    }),
  );
});

test.run();
