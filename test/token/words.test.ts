import * as fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles } from '../../src/record/marbles.js';
import { words } from '../../src/token/words.js';

function split(text: string, options?: { maxLength?: number }): Promise<string[]> {
  return lastValueFrom(from(Array.from(text)).pipe(words(options), toArray()));
}

marbles('a word comes with the symbol after it', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold(' -a-b-c------d|', { a: 'a', b: 'b', c: '.', d: 'd' });
  const subs = '        ^------------!';
  const expected = '    -----(xc)----(d|)';

  expectObservable(source.pipe(words())).toBe(expected, { x: 'ab', c: '.', d: 'd' });
  expectSubscriptions(source.subscriptions).toBe(subs);
});

marbles('an error drops the word begun', ({ cold, expectObservable }) => {
  expectObservable(cold('-a-b-#').pipe(words())).toBe('-----#');
});

for (const [text, expected] of [
  ['', []],
  ["Don't go.", ["Don't", ' ', 'go', '.']],
  ['don\u2019t', ['don\u2019t']],
  ["'tis the dogs' 'quoted'", ["'", 'tis', ' ', 'the', ' ', 'dogs', "'", ' ', "'", 'quoted', "'"]],
  ["a''b", ['a', "'", "'", 'b']],
  ["a'", ['a', "'"]],
  ['a  b\r\n', ['a', ' ', ' ', 'b', '\r', '\n']],
  ['x=3.14', ['x', '=', '3', '.', '14']],
  ['cafe\u0301 Größe 東京 \u{1f600}', ['cafe\u0301', ' ', 'Größe', ' ', '東京', ' ', '\u{1f600}']],
  ['\u{20000}a', ['\u{20000}a']],
  ['[@`{', ['[', '@', '`', '{']],
  ['snake_case', ['snake', '_', 'case']],
] as const) {
  test(`words of ${JSON.stringify(text)}`, async () => assert.equal(await split(text), expected));
}

test('joining them gives the text back', async () => {
  const unit = fc.oneof(
    fc.constantFrom('a', 'B', '9', "'", '\u2019', ' ', '\n', '-', 'é'),
    fc.string({ unit: 'binary' }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(unit), fc.integer({ min: 2, max: 9 }), async (units, maxLength) => {
      const text = Buffer.from(units.join('')).toString(); // well-formed
      const symbols = await split(text, { maxLength });
      assert.is(symbols.join(''), text);
      assert.ok(symbols.every((symbol) => symbol.length >= 1 && symbol.length <= maxLength));
    }),
    { numRuns: 1000 },
  );
});

test('a word without end is cut', async () => {
  const symbols = await split('x'.repeat(1000));
  assert.equal(
    symbols.map(({ length }) => length),
    [256, 256, 256, 232],
  );
});

test('a maxLength that cannot hold a code point is refused at once', () => {
  assert.throws(() => words({ maxLength: 1 }), /words: maxLength must be an integer from 2 up, got 1/);
});

test.run();
