import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linearPattern, MOST_CHARACTERS } from '../../pipelines/cli/linearPattern.js';
import { processorTime } from '../support/processorTime.js';

/** What RegExp finds. */
function expected(source: string, text: string): { text: string; group: string | undefined } | undefined {
  const found = new RegExp(source, 'u').exec(text);
  return found ? { text: found[0], group: found[1] } : undefined;
}

for (const [source, text] of [
  [String.raw`\w+=(\d+)`, 'host=web1 pid=42'],
  [String.raw`^\[(\w+)\]`, '[kernel] up'],
  ['(?<user>user-[a-z]+):', 'x user-ann: hi'],
  [String.raw`\b(?:GET|POST) (/\S*)`, '10.0.0.1 GET /a?b=c HTTP/1.1'],
  ['a|ab|abc', 'xabc'],
  ['(a*?)b', 'aab'],
  [String.raw`\s(x)`, 'a\u00a0x'],
  [String.raw`[\s,]+(\S)`, ' ,\u3000\ufeffx'],
  ['a(.)', 'a\r'],
  ['a(.)', 'a\u2028a\0'],
  [String.raw`[\b](\0)\cJ\x41\u00e9\/`, '\b\0\nA\u00e9/'],
  [String.raw`(?<größe>[[(?=.]+)`, 'x[(?=.'],
  [String.raw`\p{Script=Greek}(\p{Lu})`, 'αÉ'],
  ['[^](.)[]|b', 'ab'],
  ['(a|ab)(c|bcd)', 'abcd'],
  ['(z)((a+)?(b+)?(c))*', 'zaacbbbcac'],
  ['a{2,3}(.)', 'aaaab'],
  ['a{2,3}?(.)', 'aaaab'],
  [String.raw`(\p{Lu}\p{Ll}+)`, 'der Größe Ärger'],
  [String.raw`[^\]\s]+(\u{1f600})`, '] x😀'],
  [String.raw`\uD83D\uDE00(.)`, '😀é'],
  [String.raw`[\d\-\]]+$`, 'a1-]'],
  ['', 'abc'],
  ['()', ''],
  ['$', 'abc'],
] as const) {
  test(`${source} finds in ${JSON.stringify(text)} what RegExp finds`, () => {
    assert.equal(linearPattern(source)(text), expected(source, text));
  });
}

test('any expression of the small ones finds what RegExp finds, or neither reads it', () => {
  const piece = fc.constantFrom('a', 'b', 'c', '.', '^', '$', '\\b', '[ab]', '[^a]', '(', '(?:', ')', '|', '*', '+', '?', '{2}', '{1,2}', '{0,2}?', '*?', '+?', '??'); // prettier-ignore
  const tree = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('a', 'b', 'c', '.', '[ab]', '\\b', ''),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => a + b),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
      tie('node').map((a) => `(${a})`),
      fc.tuple(tie('node'), fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}')).map(([a, q]) => `(?:${a})${q}`), // prettier-ignore
    ),
  })).node;
  const source = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
    tree,
  );
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 8 });
  fc.assert(
    fc.property(source, text, (source, text) => {
      let wanted;
      try {
        wanted = expected(source, text);
      } catch {
        assert.throws(() => linearPattern(source), (error: unknown) => error instanceof SyntaxError); // prettier-ignore
        return;
      }
      let found;
      try {
        found = linearPattern(source)(text);
      } catch (error) {
        assert.match((error as Error).message, /^it has more than/);
        return;
      }
      const repeats = (source.match(/\)[*+?{]/g) ?? []).length;
      if (repeats === 0) assert.equal(found, wanted);
      else if (repeats === 1 && /\((?:\?:)?(?:[abc.]|\[\^?ab?\])+\)[*+?{]/.test(source))
        assert.is(found?.text, wanted?.text);
      else assert.is(found === undefined, wanted === undefined); // groups and empty rounds in repetitions differ
    }),
    { numRuns: 5000 },
  );
});

for (const [source, text] of [
  ['^(a+)+$', `${'a'.repeat(42)}!`],
  ['^(a|a)*$', `${'a'.repeat(4000)}!`],
  ['(?:a*)*b', 'a'.repeat(1_000_000)],
  ['(x+x+)+y', 'x'.repeat(4000)],
  [`${'a?'.repeat(60)}${'a'.repeat(60)}`, 'a'.repeat(60)],
  ['([a-zA-Z]+)*@', 'a'.repeat(100_000)],
  ['(?:a?){300}(?:a|a?)*b', 'a'.repeat(4096)],
] as const) {
  test(`${source.slice(0, 20)} takes no time on ${text.length} characters`, () => {
    const started = processorTime();
    linearPattern(source)(text);
    assert.ok(processorTime() - started < 500, `${processorTime() - started} ms`);
  });
}

test('looks at the first 4,096 characters', () => {
  assert.equal(linearPattern('b')(`${'a'.repeat(MOST_CHARACTERS - 1)}b`)?.text, 'b');
  assert.is(linearPattern('b')(`${'a'.repeat(MOST_CHARACTERS)}b`), undefined);
});

test('an expression of many steps looks at fewer characters, so that a line takes a bounded time', () => {
  const find = linearPattern('(.*a){20}$');
  assert.is(find('a'.repeat(636))?.text.length, 636); // of 103 steps
  assert.is(find('a'.repeat(100_000))?.text.length, 636);
  assert.is(find(`${'b'.repeat(636)}${'a'.repeat(20)}`), undefined);
  assert.is(linearPattern(String.raw`\bpid=(\d+)`)(`${'x '.repeat(2000)}pid=7`)?.group, '7');
});

for (const [source, message] of [
  ['(a', /Invalid regular expression/],
  ['(?=a)b', /^\(\?= is not supported/],
  ['(?!a)b', /^\(\?! is not supported/],
  ['(?<=a)b', /^\(\?<= is not supported/],
  ['(?<!a)b', /^\(\?<! is not supported/],
  [String.raw`(a)\1`, /^\\1 is not supported/],
  [String.raw`(?<n>a)\k<n>`, /^\\k is not supported/],
  [String.raw`[^\S]`, /^\\S is not supported inside/],
  ['a{1000}b', /^it has more than 1000 steps$/],
  ['(?:a{100}){100}', /^it has more than 1000 steps$/],
  ['(?:){1000000000}', /^it has more than 1000 steps$/],
  ['a{0,1000000000}', /^it has more than 1000 steps$/],
] as const) {
  test(`refuses ${source}`, () => {
    assert.throws(() => linearPattern(source), (error: unknown) => error instanceof SyntaxError && message.test(error.message)); // prettier-ignore
  });
}

test('a class of 600,000 characters that look like names of groups is translated in linear time', () => {
  assert.is(linearPattern(`[${'(?<'.repeat(200_000)}]`)('a<b')?.text, '<');
});

test.run();
