import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { boundary, utf8 } from '../../src/source/utf8.js';
import { cutAt } from './temporary.js';

const { stringify } = JSON;
const places = fc.array(fc.nat(), { maxLength: 12 });
/** Bytes that often are the pieces of sequences. */
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc.string({ unit: 'binary', maxLength: 3 }).map((text) => Buffer.from(text)),
      fc
        .constantFrom(0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xa0, 0x9f, 0x90, 0x8f)
        .map((byte) => Uint8Array.of(byte)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

function decode(
  chunks: readonly Uint8Array[],
  options?: Parameters<typeof utf8>[0],
): { text: string; invalid: number } {
  const decoder = utf8(options);
  const text = [...chunks, undefined].map((chunk) => decoder.decode(chunk)).join('');
  return { text, invalid: decoder.invalid };
}

/** TextDecoder on longer and longer beginnings: the first byte after the longest valid one. */
function validUpTo(all: Uint8Array): number {
  for (let end = all.length; ; end--) {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(all.subarray(0, end));
      return end === all.length ? -1 : end;
    } catch {
      continue;
    }
  }
}

test('valid text is the same however it is cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), places, (text, places) => {
      const all = Buffer.from(text);
      const expected = all.toString().replace(/^\ufeff/, '');
      assert.equal(decode(cutAt(all, places)), { text: expected, invalid: -1 });
    }),
    { numRuns: 5000 },
  );
});

test('invalid bytes are found where TextDecoder stops, however they are cut', () => {
  fc.assert(
    fc.property(bytes, places, (all, places) => {
      const invalid = validUpTo(all);
      const text = new TextDecoder().decode(invalid < 0 ? all : all.subarray(0, invalid));
      assert.equal(decode(cutAt(all, places)), { text, invalid });
    }),
    { numRuns: 20_000 },
  );
});

test('replacing gives what TextDecoder gives, however it is cut', () => {
  fc.assert(
    fc.property(bytes, places, (all, places) => {
      const text = new TextDecoder().decode(all);
      assert.equal(decode(cutAt(all, places), { replace: true }), { text, invalid: -1 });
    }),
    { numRuns: 20_000 },
  );
});

test('onInvalid is called with each replacement and its place, however they are cut', () => {
  fc.assert(
    fc.property(bytes, places, (all, places) => {
      const seen: number[] = [];
      decode(cutAt(all, places), { replace: true, onInvalid: (byte) => seen.push(byte) });
      const whole: number[] = [];
      decode([all], { replace: true, onInvalid: (byte) => whole.push(byte) });
      assert.equal(seen, whole);
      assert.is(seen[0] ?? -1, validUpTo(all));
      const legitimate = Buffer.from(all).toString('latin1').split('\xef\xbf\xbd').length - 1;
      assert.is(seen.length, new TextDecoder().decode(all).split('\ufffd').length - 1 - legitimate);
    }),
    { numRuns: 20_000 },
  );
});

for (const [name, all, text, invalid] of [
  ['nothing', [], '', -1],
  ['a byte order mark alone', [0xef, 0xbb, 0xbf], '', -1],
  ['a byte order mark and text', [0xef, 0xbb, 0xbf, 0x61], 'a', -1],
  ['two byte order marks', [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf], '\ufeff', -1],
  ['a byte order mark inside', [0x61, 0xef, 0xbb, 0xbf], 'a\ufeff', -1],
  ['NUL', [0x61, 0, 0x62], 'a\0b', -1],
  ['a lone continuation', [0x61, 0x80], 'a', 1],
  ['a truncated end', [0x61, 0xe2, 0x82], 'a', 1],
  ['a sequence broken by a letter', [0x61, 0xe2, 0x82, 0x62], 'a', 1],
  ['an overlong slash', [0xc0, 0xaf], '', 0],
  ['an encoded surrogate', [0x61, 0x62, 0xed, 0xa0, 0x80], 'ab', 2],
  ['above U+10FFFF', [0xf4, 0x90, 0x80, 0x80], '', 0],
  ['a byte order mark, then a bad byte', [0xef, 0xbb, 0xbf, 0xff], '', 3],
] as const) {
  test(`${name}: ${stringify(text)}, ${invalid}`, () => {
    for (const cuts of [[], all.map((_, i) => i)]) {
      assert.equal(decode(cutAt(Uint8Array.from(all), cuts)), { text, invalid });
    }
  });
}

test('offsets count from start, where a byte order mark is kept', () => {
  assert.equal(decode([Uint8Array.of(0xef, 0xbb, 0xbf, 0xff)], { start: 100 }), { text: '\ufeff', invalid: 103 });
});

test('a boundary: the first place from a byte on that is not inside a sequence', () => {
  const bytes = Buffer.from('aé☂\u{1f600}b');
  assert.equal(
    Array.from({ length: bytes.length + 1 }, (_, i) => boundary(bytes, i)),
    [0, 1, 3, 3, 6, 6, 6, 10, 10, 10, 10, 11],
  );
  assert.is(boundary(Buffer.alloc(9, 0x80), 1), 4); // no sequence is longer
});

test('does not look at a chunk after it was pushed', () => {
  const decoder = utf8();
  const chunk = Buffer.from('é');
  const half = chunk.subarray(0, 1);
  decoder.decode(half);
  half.fill(0);
  assert.is(decoder.decode(Uint8Array.of(0xa9)), 'é');
});

test.run();
