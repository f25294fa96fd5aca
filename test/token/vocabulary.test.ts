import * as fc from 'fast-check';
import { from, lastValueFrom, map, type Observable } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles } from '../../src/record/marbles.js';
import { vocabulary, type VocabularyOptions } from '../../src/token/vocabulary.js';
import type { Vocabulary } from '../../src/token/vocabularyOf.js';

function learned(symbols: Iterable<string>, options?: VocabularyOptions): Promise<Vocabulary> {
  return lastValueFrom(from(symbols).pipe(vocabulary(options)));
}

async function fails(symbols: Iterable<string>, message: string, options?: VocabularyOptions): Promise<void> {
  let error: unknown;
  await learned(symbols, options).catch((thrown: unknown) => (error = thrown));
  assert.instance(error, RangeError);
  assert.is((error as Error).message, message);
}

marbles('emits once, when the symbols complete', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold(' -b-a-b|');
  const subs = '        ^-----!';
  const expected = '    ------(x|)';

  expectObservable(source.pipe(vocabulary(), pluckSymbols)).toBe(expected, { x: ['a', 'b'] });
  expectSubscriptions(source.subscriptions).toBe(subs);
});

marbles('passes an error on', ({ cold, expectObservable }) => {
  expectObservable(cold('-a-#').pipe(vocabulary())).toBe('---#');
});

marbles('has nothing to say of a stream that never ends', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold('-a-b-');
  expectObservable(source.pipe(vocabulary()), '^---!').toBe('-----');
  expectSubscriptions(source.subscriptions).toBe('^---!');
});

test('sorts by code point, as Python does: U+FFFD before U+1F600', async () => {
  assert.equal((await learned(['\u{1f600}', '\ufffd', 'b', 'B', '\n', 'é'])).symbols, [
    '\n',
    'B',
    'b',
    'é',
    '\ufffd',
    '\u{1f600}',
  ]);
});

test('sorts words as Python does: a prefix first', async () => {
  assert.equal((await learned(['ab', 'a', 'a\u{1f600}', 'a\uffff', 'b', ''])).symbols, [
    '',
    'a',
    'ab',
    'a\uffff',
    'a\u{1f600}',
    'b',
  ]);
});

test('the order is that of the code points, whatever the strings', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.string({ unit: 'binary' }), { minLength: 1 }), async (symbols) => {
      const { symbols: sorted } = await learned(symbols);
      for (let i = 1; i < sorted.length; i++) assert.ok(comparePoints(sorted[i - 1]!, sorted[i]!) < 0);
    }),
  );
});

test('does not depend on the order of the corpus', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ maxLength: 2 }), { minLength: 1 }), async (symbols) => {
      const options = { maxSize: 3, unknown: '?' };
      assert.equal((await learned(symbols, options)).symbols, (await learned(symbols.toReversed(), options)).symbols);
    }),
  );
});

test('token and symbol are inverse', async () => {
  const v = await learned('hello');
  assert.is(v.size, 4);
  for (const [token, symbol] of v.symbols.entries()) {
    assert.is(v.token(symbol), token);
    assert.is(v.symbol(token), symbol);
  }
});

test('a symbol outside is undefined, also one that objects have', async () => {
  const v = await learned('hello');
  for (const symbol of ['x', '__proto__', 'constructor', '']) assert.is(v.token(symbol), undefined);
});

test('learns __proto__ and constructor like any symbol', async () => {
  const v = await learned(['__proto__', 'constructor', 'a', '__proto__']);
  assert.is(v.token('__proto__'), 0);
  assert.is(v.symbol(2), 'constructor');
});

test('minCount drops the rare ones', async () => {
  assert.equal((await learned('aabbbc', { minCount: 2 })).symbols, ['a', 'b']);
});

test('maxSize keeps the most frequent, and those that tie by code point', async () => {
  assert.equal((await learned('zzzyxx', { maxSize: 2 })).symbols, ['x', 'z']);
  assert.equal((await learned('dcba', { maxSize: 2 })).symbols, ['a', 'b']);
});

test('unknown is token 0 and counts in maxSize', async () => {
  const v = await learned('zzyyx', { maxSize: 2, unknown: '<unk>' });
  assert.equal(v.symbols, ['<unk>', 'y']);
  assert.is(v.unknown, 0);
});

test('unknown merges with a symbol of the same name', async () => {
  assert.equal((await learned('b?a', { unknown: '?' })).symbols, ['?', 'a', 'b']);
});

test('without the option there is no unknown', async () => {
  assert.not('unknown' in (await learned('a')));
});

test('an empty corpus is an error', () => fails('', 'vocabulary: the corpus is empty'));

test('an empty corpus is an error also where there is an unknown symbol', () =>
  fails('', 'vocabulary: the corpus is empty', { unknown: '?' }));

test('nothing kept is an error', () => fails('abc', 'vocabulary: no symbol occurs 2 times', { minCount: 2 }));

for (const [options, message] of [
  [{ minCount: 0 }, 'vocabulary: minCount must be a positive integer, got 0'],
  [{ minCount: 1.5 }, 'vocabulary: minCount must be a positive integer, got 1.5'],
  [{ maxSize: NaN }, 'vocabulary: maxSize must be a positive integer, got NaN'],
] as const) {
  test(`refuses ${JSON.stringify(options)} at once`, () => {
    assert.throws(
      () => vocabulary(options),
      (error: unknown) => error instanceof RangeError && error.message === message,
    );
  });
}

test.run();

function pluckSymbols(v$: Observable<Vocabulary>): Observable<readonly string[]> {
  return v$.pipe(map(({ symbols }) => symbols));
}

function comparePoints(a: string, b: string): number {
  const [x, y] = [points(a), points(b)];
  const at = x.findIndex((point, i) => point !== y[i]);
  return at < 0 ? x.length - y.length : x[at]! - (y[at] ?? -1);
}

function points(text: string): number[] {
  return Array.from(text, (point) => point.codePointAt(0)!);
}
