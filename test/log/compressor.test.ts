import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compressor, decompressor } from '../../src/index.js';
import { seeded } from '../../src/random/seeded.js';

const encoder = new TextEncoder();
const log = encoder.encode(
  Array.from(
    { length: 60 },
    (_, i) => `10:00:${10 + i} sshd[${400 + i}]: session opened for user ${'abc'[i % 3]!}\n`,
  ).join(''),
);
const random = seeded(4);
const noise = Uint8Array.from({ length: 600 }, () => random.integer(256));

for (const [name, bytes] of [
  ['a log', log],
  ['noise', noise],
  ['nothing', new Uint8Array(0)],
  ['zeros', new Uint8Array(3000)],
  ['one byte', Uint8Array.of(255)],
] as const) {
  test(`${name} is restored, whatever the pieces`, () => {
    const coded = compress(bytes, 100);
    assert.equal(decompress(coded, 1), bytes);
    assert.equal(decompress(coded, 1 << 20), bytes);
    assert.equal(compress(bytes, 7), coded);
  });
}

test('a log becomes small, noise hardly larger', () => {
  assert.ok(compress(log, 100).length < 0.12 * log.length, `${compress(log, 100).length} of ${log.length}`);
  assert.ok(compress(noise, 100).length < 1.1 * noise.length + 10);
});

test('with `most` a call gives so many bytes at most, whatever a few bytes of input stand for', () => {
  const bytes = encoder.encode('all the same\n'.repeat(400));
  const coder = decompressor();
  const sizes: number[] = [];
  const found = pieces(compress(bytes, 100), 20).flatMap((piece) => {
    const parts = [coder.add(piece, 64)];
    while (coder.pending) parts.push(coder.add(new Uint8Array(0), 64));
    sizes.push(...parts.map(({ length }) => length));
    return parts.flatMap((part) => [...part]);
  });
  coder.end();
  assert.equal(Uint8Array.from(found), bytes);
  assert.is(Math.max(...sizes), 64);
  assert.throws(() => coder.add(bytes, 0), /decompressor: most must be a positive integer, got 0/);

  const noise = decompressor();
  assert.is(
    noise.add(Uint8Array.of(...encoder.encode('rxlog2'), 0x99, 2, ...Array<number>(40).fill(255)), 100).length,
    100,
  );
  assert.ok(noise.pending);
  noise.add(Uint8Array.of(255, 255), 5);
  assert.is(noise.add(new Uint8Array(0), 7).length, 7);
});

test('the output is the same bytes on every engine', () => {
  const sum = compress(log, 100).reduce((all, byte) => (Math.imul(all, 31) + byte) | 0, 0);
  assert.is(sum, DIGEST);
});
const DIGEST = -1869533303;

test('what is not whole, or not from a compressor, is refused', () => {
  const coded = compress(log, 100);
  assert.throws(
    () => decompress(encoder.encode('not coded at all'), 5),
    /decompressor: this was not written by a compressor/,
  );
  const [version, ...rest] = coded.subarray(5);
  assert.throws(
    () => decompress(Uint8Array.of(...coded.subarray(0, 5), version! + 1, ...rest), 5),
    /decompressor: this was written by another version/,
  );
  for (const length of [0, 3, 8, coded.length - 1]) {
    assert.throws(() => decompress(coded.subarray(0, length), 50), /decompressor: the input is incomplete/);
  }
  assert.throws(() => decompress(Uint8Array.of(...coded, 0, 0), 50), /decompressor: [12] bytes follow the end/);
  const coder = compressor();
  coder.end();
  assert.throws(() => coder.add(log), /compressor: the end was already written/);
});

test.run();

function compress(bytes: Uint8Array, size: number): Uint8Array {
  const coder = compressor();
  return Uint8Array.from([...pieces(bytes, size).flatMap((piece) => [...coder.add(piece)]), ...coder.end()]);
}
function decompress(bytes: Uint8Array, size: number): Uint8Array {
  const coder = decompressor();
  const out = pieces(bytes, size).flatMap((piece) => [...coder.add(piece)]);
  coder.end();
  return Uint8Array.from(out);
}
function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}
