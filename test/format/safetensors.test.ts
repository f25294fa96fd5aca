import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { safetensors } from '../../src/format/safetensors.js';
import type { Numbers, Tensor } from '../../src/types.js';
import { anyTensors, anyTexts } from '../checkpoint/arbitraries.js';

test('the bytes of a small file are those written out by hand', () => {
  const tensors = new Map([
    ['b', tensor([2], Float32Array.of(1, -2))],
    ['a', tensor([1, 1], Float64Array.of(0.5))],
  ]);
  const header =
    '{"__metadata__":{"format":"pt"},"a":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},' +
    '"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}   ';
  assert.is(header.length, 144);
  const expected = [
    [144, 0, 0, 0, 0, 0, 0, 0],
    [...Buffer.from(header)],
    [0, 0, 0, 0, 0, 0, 0xe0, 0x3f],
    [0, 0, 0x80, 0x3f],
    [0, 0, 0, 0xc0],
  ].flat();
  assert.equal([...safetensors(tensors, { format: 'pt' })], expected);
});

test('a file of nothing is an empty header', () => {
  assert.equal([...safetensors(new Map(), {})], [8, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from('{}      ')]);
});

test('float64 goes first, names in the order of their bytes, metadata in its own', () => {
  // U+FF5E comes before U+1F600 in UTF-8 and after it in UTF-16.
  const names = ['z', 'b', '\uff5e', '😀', 'B', '10', '9', 'a.b'];
  const tensors = new Map(
    names.map((name) => [name, tensor([1], name === 'z' ? Float64Array.of(1) : Float32Array.of(1))]),
  );
  const { header } = read(safetensors(tensors, { z: '1', a: '2' }));
  assert.equal([...header.keys()], ['__metadata__', 'z', '10', '9', 'B', 'a.b', 'b', '\uff5e', '😀']);
  assert.is(JSON.stringify(header.get('__metadata__')), '{"z":"1","a":"2"}');
});

test('awkward names and texts come back', () => {
  const names = ['__proto__', 'constructor', '👨‍👩‍👧', 'a"b\\c', 'new\nline', '\u0000', ' ', 'é'];
  const tensors = new Map(names.map((name, i) => [name, tensor([1], Float32Array.of(i))]));
  const metadata = Object.fromEntries(names.map((name) => [name, `${name}!`]));
  const { header, tensors: found } = read(safetensors(tensors, metadata));
  names.forEach((name, i) => assert.equal([...found.get(name)!.data], [i]));
  assert.equal(Object.entries(header.get('__metadata__') as object), Object.entries(metadata));
  assert.ok(Object.hasOwn(header.get('__metadata__') as object, '__proto__'));
});

test('what is written comes back to the bit: any shapes, dtypes, NaN, infinities and -0', () => {
  fc.assert(
    fc.property(anyTensors, anyTexts, (tensors, metadata) => {
      const file = safetensors(tensors, metadata);
      const { tensors: found } = read(file);
      assert.is(found.size, tensors.size);
      for (const [name, { shape, data }] of tensors) {
        const back = found.get(name)!;
        assert.equal(back.shape, shape);
        assert.is(back.data.constructor, data.constructor);
        assert.equal(bytes(back.data), bytes(data));
      }
      assert.equal(safetensors(new Map([...tensors].toReversed()), metadata), file);
    }),
  );
});

test('a part of a larger buffer, a number without dimensions and an empty tensor are written as they are', () => {
  const memory = Float32Array.of(1, 2, 3, 4);
  const { tensors } = read(
    safetensors(
      new Map([
        ['part', tensor([2], memory.subarray(1, 3))],
        ['number', tensor([], Float32Array.of(7))],
        ['empty', tensor([0, 5], new Float32Array(0))],
      ]),
      {},
    ),
  );
  assert.equal([...tensors.get('part')!.data], [2, 3]);
  assert.equal(tensors.get('number'), { shape: [], data: Float32Array.of(7) });
  assert.equal(tensors.get('empty'), { shape: [0, 5], data: new Float32Array(0) });
});

test('the bytes are a copy', () => {
  const data = Float32Array.of(1);
  const file = safetensors(new Map([['a', tensor([1], data)]]), {});
  data[0] = 2;
  assert.is(read(file).tensors.get('a')!.data[0], 1);
});

test('as many tensors and texts as a reader takes, and no more', () => {
  const names = Array.from({ length: 10_001 }, (_, i) => `${i}`);
  const tensors = new Map(names.map((name) => [name, tensor([0], new Float32Array(0))]));
  const texts = Object.fromEntries(names.map((name) => [name, '']));
  assert.throws(
    () => safetensors(tensors, {}),
    (error: Error) => error.message.includes('safetensors: at most 10000 tensors go into a file, got 10001'),
  );
  assert.throws(
    () => safetensors(new Map(), texts),
    (error: Error) => error.message.includes('safetensors: at most 10000 texts go into a file, got 10001'),
  );
  tensors.delete('7');
  delete texts['7'];
  assert.is(safetensors(tensors, texts).length % 8, 0);
});

test('errors say what was expected and what came', () => {
  const one = Float32Array.of(1);
  const shape = 'safetensors: the shape of a must hold its 1 numbers in at most 8 dimensions, got';
  says('a', [2], `${shape} [2]`);
  says('a', [-1, -1], `${shape} [-1, -1]`);
  says('a', [0.5, 2], `${shape} [0.5, 2]`);
  says('a', [1, 1, 1, 1, 1, 1, 1, 1, 1], `${shape} [1, 1, 1, 1, 1, 1, 1, 1, 1]`);
  says('', [1], `safetensors: a tensor's name must not be empty nor __metadata__, got ""`);
  says('__metadata__', [1], `safetensors: a tensor's name must not be empty nor __metadata__, got "__metadata__"`);
  says('\ud800', [1], 'safetensors: names and texts must be well-formed Unicode, got "\\ud800"');
  assert.throws(() => safetensors(new Map(), { key: '\udfff' }), /well-formed Unicode/);
  assert.throws(() => safetensors(new Map(), { '\udfff': '' }), /well-formed Unicode/);

  function says(name: string, shape: number[], message: string): void {
    assert.throws(
      () => safetensors(new Map([[name, tensor(shape, one)]]), {}),
      (error: unknown) => error instanceof RangeError && error.message === message,
    );
  }
});

test.run();

function tensor(shape: readonly number[], data: Numbers): Tensor {
  return { shape, data };
}

function bytes(data: Numbers): number[] {
  return [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

/** A reader for these tests: it checks the layout (length, padding, no hole, alignment) and trusts the rest. */
function read(file: Uint8Array): { header: Map<string, unknown>; tensors: Map<string, Tensor> } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = Number(view.getBigUint64(0, true));
  assert.is(length % 8, 0);
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.subarray(8, 8 + length));
  assert.match(text, /^\{[^]*\} {0,7}$/);
  const header = new Map<string, unknown>();
  // JSON.parse would bring names such as `10` forward: the order is read from the text, name by name.
  const json = JSON.parse(text) as Record<string, unknown>;
  const places = Object.keys(json).map((name) => [text.indexOf(`${JSON.stringify(name)}:{`), name] as const);
  for (const [, name] of places.toSorted(([a], [b]) => a - b)) header.set(name, json[name]);

  const tensors = new Map<string, Tensor>();
  let end = 0;
  for (const [name, value] of Object.entries(json)
    .filter(([name]) => name !== '__metadata__')
    .map(
      ([name, value]) => [name, value as { dtype: string; shape: number[]; data_offsets: [number, number] }] as const,
    )
    .toSorted(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1])) {
    const { dtype, shape, data_offsets: offsets } = value;
    assert.is(offsets[0], end);
    end = offsets[1];
    const size = dtype === 'F64' ? 8 : 4;
    assert.is((8 + length + offsets[0]) % size, 0);
    const data = dtype === 'F64' ? new Float64Array((end - offsets[0]) / 8) : new Float32Array((end - offsets[0]) / 4);
    new Uint8Array(data.buffer).set(file.subarray(8 + length + offsets[0], 8 + length + end));
    tensors.set(name, { shape, data });
  }
  assert.is(8 + length + end, file.length);
  return { header, tensors };
}
