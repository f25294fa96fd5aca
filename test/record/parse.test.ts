import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from '../../src/record/parse.js';
import { print } from '../../src/record/print.js';
import type { Marble, Recording } from '../../src/record/recording.js';
import { RecordingError } from '../../src/record/RecordingError.js';
import { processorTime } from '../support/processorTime.js';
import { recording } from './arbitraries.js';

const small: Recording = {
  about: { system: 'srn', seed: 0 },
  tracks: [
    {
      title: 'tokens',
      marbles: [
        ...Array.from('hello', (value, i): Marble => ({ step: i + 1, kind: 'N', value })),
        { step: 5, kind: 'C' },
      ],
    },
    {
      title: 'losses',
      marbles: [
        { step: 2, kind: 'N', value: 4.174387 },
        { step: 2, kind: 'N', value: -0 },
        { step: 3, kind: 'N', value: { x: Int32Array.of(1, 2), y: NaN } },
        { step: 41, kind: 'E', error: { name: 'RangeError', message: 'it overflows' } },
      ],
    },
  ],
};
const printed = print(small);

test('what is printed is parsed to the same bits (600 random runs)', () => {
  fc.assert(
    fc.property(recording, (recording) => {
      assert.ok(same(parse(print(recording)), recording), print(recording));
    }),
    { numRuns: 600 },
  );
});

test('what is parsed is printed as it was', () => {
  fc.assert(
    fc.property(recording, (recording) => {
      const text = print(recording);
      assert.is(print(parse(text)), text);
    }),
  );
});

test('a track of too many different values is refused at the first that has no letter', () => {
  let reads = 0;
  const marbles = Array.from({ length: 5000 }, (_, i): Marble => {
    const value = Object.defineProperty({}, 'loss', { enumerable: true, get: () => (reads++, i) });
    return { step: i, kind: 'N', value };
  });
  assert.throws(
    () => print({ about: null, tracks: [{ title: 'losses', marbles }] }),
    /^print: "losses" has more than 100 different values, and there are no more letters; write a run log/,
  );
  assert.ok(reads < 500, `${reads} reads`);
  const hundred = marbles.slice(0, 100);
  assert.is(
    parse(print({ about: null, tracks: [{ title: 'losses', marbles: hundred }] })).tracks[0]!.marbles.length,
    100,
  );
});

test('lines may end in CR LF', () => assert.ok(same(parse(printed.replaceAll('\n', '\r\n')), small)));

const line = (number: number, column: number, message: string): string =>
  `parse: ${message}, at line ${number}, column ${column}`;
const edit = (from: string | RegExp, to: string): string => {
  const edited = printed.replace(from, to);
  assert.is.not(edited, printed);
  return edited;
};

for (const [what, text, message] of [
  ['nothing', '', line(1, 1, 'expected "% rxrnn recording 1, …"')],
  ['JSON', '{"a":1}', line(1, 1, 'expected "% rxrnn recording 1, …"')],
  ['a newer version', edit('recording 1', 'recording 2'), line(1, 19, 'expected version 1, got 2')],
  ['a head without about', edit('% about', '% above'), line(2, 1, 'expected "% about …"')],
  ['about that is not a value', edit('{"system"', '{system'), line(2, 10, 'expected a name in quotes')],
  ['a block without a title', edit('title = tokens\n', ''), line(4, 1, 'expected "title = …"')],
  [
    'a title twice',
    edit('title = losses', 'title = tokens'),
    line(8, 9, 'expected another title than tokens, which is there already'),
  ],
  ['a value that ends early', edit('4.174387', '4.'), line(9, 7, 'expected the value to end, got "."')],
  ['a word that is none', edit('NaN', 'NaM'), line(11, 32, 'expected a value, got "NaM"')],
  [
    'a number that is too large',
    edit('4.174387', '1e999'),
    line(9, 6, 'expected a number below Infinity, got "1e999"'),
  ],
  [
    'an array of other numbers',
    edit('[1,2]', '[1,2.5]'),
    line(11, 22, 'expected numbers that a Int32Array holds, got another as number 2'),
  ],
  ['a marble that is a digit', edit('10ms h', '10ms 7h'), line(4, 6, 'expected a marble, got "7"')],
  ['a group that is not closed', edit('(o|)', '(o|'), line(4, 30, 'expected ) to end the group')],
  [
    'a marble between steps',
    edit('10ms h', '11ms h'),
    line(4, 6, 'expected a marble at a whole step of 10 frames, got frame 11'),
  ],
  ['something behind the end', edit('(o|)', '(|o)'), line(4, 32, 'expected nothing after an end')],
  [
    'an error that is none',
    edit('"name":"RangeError"', '"name":7'),
    line(7, 24, 'expected "# := {"name":…,"message":…}" for #'),
  ],
  ['a changed number', edit('4.174387', '4.174388'), undefined],
  ['a changed marble', edit('10ms h', '10ms j'), undefined],
  ['a file without its last line', printed.slice(0, printed.lastIndexOf('% end')), undefined],
  ['a file cut in its last line', printed.slice(0, -9), undefined],
  ['more behind the end', `${printed}more`, undefined],
] as const) {
  test(`refuses ${what}`, () => {
    try {
      parse(text);
    } catch (error) {
      assert.instance(error, RecordingError);
      if (message !== undefined) assert.is((error as Error).message, message);
      return;
    }
    assert.unreachable('it was read');
  });
}

test('a changed number is found by the digest', () => {
  assert.throws(() => parse(edit('4.174387', '4.174388')), /expected the digest of the lines above: edited\?/);
});

test('an endless line is refused by its length', () => {
  const endless = edit('hello'.slice(0, 1), 'h'.repeat(3000));
  assert.throws(() => parse(endless, { maxLine: 2000 }), /expected a line of at most 2000, at line \d+, column 2001/);
});

test('a text whose first line is not that of a recording is refused before the others are looked at', () => {
  for (const rest of ['\n'.repeat(1000), 'x'.repeat(2 ** 20 + 1)]) {
    assert.throws(
      () => parse(`no recording\n${rest}`),
      (error: Error) => /expected "% rxrnn recording 1, …"/.test(error.message) && /line 1/.test(error.message),
    );
  }
});

test('a line that would not be read back is not printed', () => {
  const about = (length: number): Recording => ({ about: 'x'.repeat(length), tracks: [] });
  const room = 2 ** 20 - '% about ""'.length;
  assert.is((parse(print(about(room))).about as string).length, room);
  assert.throws(
    () => print(about(room + 1)),
    (error: unknown) =>
      error instanceof RangeError &&
      error.message ===
        `print: the line ${JSON.stringify(`% about "${'x'.repeat(31)}`)}… has 1048577 characters, more than 1048576; write a run log`,
  );
});

test('a string of a million escapes is read', () => {
  const long: Recording = { about: '\n'.repeat(200_000), tracks: [] };
  assert.is(parse(print(long)).about, long.about);
});

test('whatever is changed, what is thrown is ours, and what is not is the same run', () => {
  const change = fc.record({
    at: fc.nat(),
    drop: fc.nat(4),
    insert: fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.string({ unit: 'binary', maxLength: 2 }),
      fc.constantFrom('\n', '(', '|', '1m ', '[', '-0', '"'),
    ),
  });
  fc.assert(
    fc.property(recording, fc.array(change, { minLength: 1, maxLength: 3 }), (recording, changes) => {
      let text = print(recording);
      for (const { at, drop, insert } of changes) {
        const place = at % (text.length + 1);
        text = text.slice(0, place) + insert + text.slice(place + drop);
      }
      try {
        assert.ok(same(parse(text), recording));
      } catch (error) {
        if (!(error instanceof RecordingError)) throw error;
        const lines = text.split('\n');
        assert.ok(error.line >= 1 && error.line <= lines.length + 1, `line ${error.line} of ${lines.length}`);
        assert.ok(error.column >= 1);
      }
    }),
    { numRuns: 600 },
  );
});

test('the time is linear in the number of tracks: 64,000 take less than twenty times as long as 16,000', () => {
  const recordingOf = (tracks: number): string =>
    print({
      about: null,
      tracks: Array.from({ length: tracks }, (_, i) => ({ title: `t${i}`, marbles: [{ step: 1, kind: 'C' }] })),
    });
  const least = (text: string): number =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const started = processorTime();
        parse(text);
        return processorTime() - started;
      }),
    );
  const [some, more] = [recordingOf(16_000), recordingOf(64_000)].map(least) as [number, number];
  assert.ok(more < 20 * some, `${some} and ${more} ms`);
});

test('a large text is refused by its digest before its tracks are read, a small one by the place of the edit', () => {
  const marbles = Array.from({ length: 3 }, (_, i) => ({
    step: i,
    kind: 'N' as const,
    value: String(i).repeat(400_000),
  }));
  for (const [list, message] of [
    [marbles, /expected the digest of the lines above: edited\?/],
    [marbles.slice(0, 1), /expected "title = …", at line 5, column 1/],
  ] as const) {
    const edited = print({ about: null, tracks: [{ title: 'x', marbles: list }] }).replace('title =', 'titel =');
    assert.throws(() => parse(edited), message);
  }
});

test.run();

/** To the last bit: -0 is not 0, and NaN is NaN. */
function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a.constructor !== b.constructor) return false;
  if (a instanceof Map && b instanceof Map) return same([...a], [...b]);
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return (
    keys.length === others.length &&
    keys.every((key) => Object.hasOwn(b, key) && same(Reflect.get(a, key), Reflect.get(b, key)))
  );
}
