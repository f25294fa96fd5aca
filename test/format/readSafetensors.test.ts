import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSafetensors } from '../../src/format/readSafetensors.js';
import { safetensors } from '../../src/format/safetensors.js';
import { SafetensorsError, type SafetensorsReason } from '../../src/format/SafetensorsError.js';
import type { Tensor } from '../../src/types.js';
import { LARGE } from '../support/large.js';
import { bytesOf, fileOf } from '../checkpoint/files.js';
import { anyTensors, anyTexts } from '../checkpoint/arbitraries.js';

const A = '"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';

test('the files of the reference implementation are read, and written again byte by byte', () => {
  // tensor.rs: test_empty, test_serialization, test_serialization_forced_alignement
  const numbers = bytesOf(Float32Array.of(0, 1, 2, 3, 4, 5));
  const data = Float32Array.of(0, 1, 2, 3, 4, 5);
  for (const [length, header, bytes, tensors, metadata] of [
    [8, '{}      ', new Uint8Array(0), [], []],
    [40, '{"__metadata__":{"framework":"pt"}}     ', new Uint8Array(0), [], [['framework', 'pt']]],
    [
      64,
      '{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}',
      numbers,
      [['attn.0', { shape: [1, 2, 3], data }]],
      [],
    ],
    [
      72,
      '{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       ',
      numbers,
      [['attn0', { shape: [1, 1, 2, 3], data }]],
      [],
    ],
  ] as const) {
    assert.is(header.length, length);
    const file = fileOf(header, bytes);
    const read = readSafetensors(file);
    assert.equal([...read.tensors], tensors);
    assert.equal([...read.metadata], metadata);
    assert.equal(safetensors(read.tensors, Object.fromEntries(read.metadata)), file);
  }
});

test('what is written is read to the bit, and written again to the same bytes', () => {
  fc.assert(
    fc.property(anyTensors, anyTexts, fc.nat(9), (tensors, texts, offset) => {
      const file = safetensors(tensors, texts);
      const padded = new Uint8Array(offset + file.length + 3);
      padded.set(file, offset);
      const read = readSafetensors(padded.subarray(offset, offset + file.length));
      assert.equal([...read.metadata], Object.entries(texts));
      assert.is(read.tensors.size, tensors.size);
      for (const [name, { shape, data }] of tensors) {
        const back = read.tensors.get(name)!;
        assert.equal(back.shape, shape);
        assert.is(back.data.constructor, data.constructor);
        assert.equal(bytesOf(back.data), bytesOf(data));
      }
      assert.equal(safetensors(read.tensors, Object.fromEntries(read.metadata)), file);
    }),
    { numRuns: 2000 },
  );
});

test('any bytes are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(70), (bytes, length) => {
      try {
        readSafetensors(bytes);
        readSafetensors(fileOf(bytes, 0, BigInt(length)));
      } catch (error) {
        assert.instance(error, SafetensorsError);
      }
    }),
    { numRuns: LARGE / 10 },
  );
});

test('white space of JSON, any order of members and of numbers, and a Buffer are fine', () => {
  const header =
    ' \t{"z" : {"data_offsets": [ 4 , 12 ],\r\n"shape":[ ],"dtype":"F64"}, "\\u0061":{"shape":[1],"dtype":"F32",' +
    '"data_offsets":[0,4]} , "__metadata__" : { } } \n\t\r ';
  const numbers = new Uint8Array(12);
  new DataView(numbers.buffer).setFloat64(4, 0.1, true);
  numbers[3] = 0x40;
  const { tensors, metadata } = readSafetensors(Buffer.from(fileOf(header.trimStart(), numbers)));
  assert.equal([...tensors.keys()], ['z', 'a']);
  assert.equal([...tensors.get('z')!.data], [0.1]);
  assert.equal(tensors.get('z')!.shape, []);
  assert.equal([...tensors.get('a')!.data], [2]);
  assert.is(metadata.size, 0);
});

test('metadata that are null are none', () => {
  const { tensors, metadata } = readSafetensors(fileOf(`{"__metadata__": null ,${A}}`, 4));
  assert.equal([tensors.size, metadata.size], [1, 0]);
});

test('one tensor of integers beside others refuses the file', () => {
  const header = `{${A},"b":{"dtype":"I64","shape":[1],"data_offsets":[4,12]}}`;
  assert.is(refusal(fileOf(header, 12)).reason, 'unsupported-dtype');
});

test('__proto__ is a name like any other', () => {
  const { tensors, metadata } = readSafetensors(
    fileOf(
      '{"__metadata__":{"__proto__":"x","a":"y"},"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'.replace(
        'U8',
        'F32',
      ),
    ),
  );
  assert.equal(
    [...metadata],
    [
      ['__proto__', 'x'],
      ['a', 'y'],
    ],
  );
  assert.is(tensors.get('__proto__')!.data.length, 0);
});

test('the numbers are copies', () => {
  const file = fileOf(`{${A}}`, bytesOf(Float32Array.of(1)));
  const { tensors } = readSafetensors(file);
  file.fill(0, -4);
  assert.equal([...tensors.get('a')!.data], [1]);
  assert.is(tensors.get('a')!.data.buffer.byteLength, 4);
});

test('every F16 and BF16 comes as the float32 that equals it', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const { tensors } = readSafetensors(
    fileOf(
      '{"h":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]},' +
        '"b":{"dtype":"BF16","shape":[256,256],"data_offsets":[131072,262144]}}',
      Buffer.concat([bytesOf(all), bytesOf(all)]),
    ),
  );
  const half = tensors.get('h')!.data;
  const brain = tensors.get('b')!.data;
  assert.instance(half, Float32Array);
  assert.instance(brain, Float32Array);
  for (let i = 0; i < 65536; i++) {
    const [sign, exponent, fraction] = [i >> 15 ? -1 : 1, (i >> 10) & 31, i & 1023];
    const expected =
      exponent === 31
        ? fraction === 0
          ? sign * Infinity
          : NaN
        : exponent === 0
          ? (sign * fraction) / 2 ** 24
          : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    if (!Object.is(half[i], expected)) assert.unreachable(`F16 ${i}: ${half[i]}, expected ${expected}`);
    const bits = new DataView(new ArrayBuffer(4));
    bits.setUint16(0, i);
    if (!Object.is(brain[i], bits.getFloat32(0))) assert.unreachable(`BF16 ${i}: ${brain[i]}`);
  }
});

const entry = (dtype: string, shape: string, offsets: string): string =>
  `{"a":{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}}`;
const two = (begin: number, end: number): string =>
  `{${A},"b":{"dtype":"F32","shape":[1],"data_offsets":[${begin},${end}]}}`;
const many = (n: number, member: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => member(i)).join();

for (const [what, reason, file, position] of [
  ['nothing', 'short', new Uint8Array(0)],
  ['seven bytes', 'short', new Uint8Array(7)],
  ['a header above 20,000,000 bytes', 'header-length', fileOf('{}', 0, 20_000_001n), 0],
  ['a header of 2^64 - 1 bytes', 'header-length', fileOf('{}', 0, 0xffffffffffffffffn), 0],
  ['a header of 2^53 + 2 bytes', 'header-length', fileOf('{}', 0, 0x20000000000002n), 0],
  ['a header of 20,000,000 bytes that are not there', 'header-end', fileOf('{}', 0, 20_000_000n), 0],
  ['a header one byte longer than the file', 'header-end', fileOf('{}', 0, 3n), 0],
  ['an empty header', 'header-start', fileOf('', 0), 8],
  ['an empty header before {}', 'header-start', fileOf('{}', 0, 0n), 8],
  ['a header that begins with a space', 'header-start', fileOf(' {}'), 8],
  ['a header that begins with a byte order mark', 'header-start', fileOf('\ufeff{}'), 8],
  ['a list', 'header-start', fileOf('[]'), 8],
  ['UTF-8 that ends too early', 'utf-8', fileOf(Buffer.from([0x7b, 0x22, 0xc3, 0x22, 0x7d]))],
  ['UTF-8 that is too long', 'utf-8', fileOf(Buffer.from([0x7b, 0x22, 0xc0, 0x80, 0x22, 0x7d]))],
  ['a surrogate in UTF-8', 'utf-8', fileOf(Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d]))],
  ['half a surrogate pair in a name', 'surrogate', fileOf(`{${A.replace('a', '\\ud800')}}`, 4), 9],
  ['half a surrogate pair in a text', 'surrogate', fileOf('{"__metadata__":{"é":"\\udc00"}}'), 30],
  ['half a surrogate pair in a key', 'surrogate', fileOf('{"__metadata__":{"\\ud800":""}}')],
  ['no closing brace', 'grammar', fileOf('{'), 9],
  ['a name without quotes', 'grammar', fileOf('{a:1}'), 9],
  ['a name in single quotes', 'grammar', fileOf("{'a':1}"), 9],
  ['a text without an end', 'grammar', fileOf('{"a'), 9],
  ['a text that ends in an escape', 'grammar', fileOf('{"a\\"'), 9],
  ['an unknown escape', 'grammar', fileOf('{"\\x":1}'), 9],
  ['a control character in a name', 'grammar', fileOf('{"\n":1}'), 9],
  ['a comma too many', 'grammar', fileOf(`{${A},}`, 4)],
  ['a comma too few', 'grammar', fileOf(`{${A}${A.replace('a', 'b')}}`, 8)],
  ['a comment', 'grammar', fileOf(`{/**/${A}}`, 4)],
  ['a white space that JSON does not know', 'grammar', fileOf(`{\u00a0${A}}`, 4)],
  ['a tensor that is a number', 'grammar', fileOf('{"a":1}')],
  ['a tensor that is null', 'grammar', fileOf('{"a":null}')],
  ['a tensor that is a list', 'grammar', fileOf('{"a":["F32",[1],[0,4]]}', 4)],
  ['metadata that are a text', 'grammar', fileOf('{"__metadata__":"null"}')],
  ['metadata that are null, twice', 'duplicate-key', fileOf('{"__metadata__":null,"__metadata__":null}')],
  ['metadata that begin like null', 'grammar', fileOf('{"__metadata__":nullx}')],
  ['metadata of numbers', 'grammar', fileOf('{"__metadata__":{"a":1}}')],
  ['a shape that is a number', 'grammar', fileOf(entry('"F32"', '1', '[0,4]'), 4)],
  ['a dtype that is a number', 'grammar', fileOf(entry('32', '[1]', '[0,4]'), 4)],
  ['a side in quotes', 'grammar', fileOf(entry('"F32"', '["1"]', '[0,4]'), 4)],
  ['a comma too many in a shape', 'grammar', fileOf(entry('"F32"', '[1,]', '[0,4]'), 4)],
  ['one offset', 'grammar', fileOf(entry('"F32"', '[1]', '[4]'), 4)],
  ['no offset', 'grammar', fileOf(entry('"F32"', '[1]', '[]'), 4)],
  ['three offsets', 'grammar', fileOf(entry('"F32"', '[1]', '[0,4,4]'), 4)],
  ['a second object', 'trailing', fileOf('{}{}'), 10],
  ['a NUL as padding', 'trailing', fileOf('{}\0\0'), 10],
  ['a name twice', 'duplicate-key', fileOf(`{${A},${A}}`, 4), 62],
  ['a name twice, once escaped', 'duplicate-key', fileOf(`{${A},${A.replace('a', '\\u0061')}}`, 4)],
  ['__proto__ twice', 'duplicate-key', fileOf('{"__metadata__":{"__proto__":"","__proto__":""}}')],
  ['two metadata', 'duplicate-key', fileOf('{"__metadata__":{},"__metadata__":{}}')],
  ['a text twice', 'duplicate-key', fileOf('{"__metadata__":{"a":"1","a":"1"}}')],
  ['a field twice', 'duplicate-key', fileOf('{"a":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4)],
  ['the old field of offsets', 'unknown-field', fileOf('{"a":{"dtype":"F32","shape":[1],"offsets":[0,4]}}', 4), 40],
  [
    'a field of another writer',
    'unknown-field',
    fileOf('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":{}}}', 4),
  ],
  ['no field', 'missing-field', fileOf('{"a":{}}'), 13],
  ['no dtype', 'missing-field', fileOf('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4)],
  ['no shape', 'missing-field', fileOf('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4)],
  ['no offsets', 'missing-field', fileOf('{"a":{"dtype":"F32","shape":[1]}}', 4)],
  ['a dtype in small letters', 'unknown-dtype', fileOf(entry('"f32"', '[1]', '[0,4]'), 4), 22],
  ['a dtype of other names', 'unknown-dtype', fileOf(entry('"float32"', '[1]', '[0,4]'), 4)],
  ['a dtype that objects have', 'unknown-dtype', fileOf(entry('"constructor"', '[1]', '[0,4]'), 4)],
  ['a negative side', 'integer', fileOf(entry('"F32"', '[-1]', '[0,4]'), 4)],
  ['-0', 'integer', fileOf(entry('"F32"', '[1]', '[-0,4]'), 4)],
  ['a plus', 'integer', fileOf(entry('"F32"', '[+1]', '[0,4]'), 4)],
  ['a fraction', 'integer', fileOf(entry('"F32"', '[1.0]', '[0,4]'), 4)],
  ['an exponent', 'integer', fileOf(entry('"F32"', '[1e0]', '[0,4]'), 4)],
  ['a leading zero', 'integer', fileOf(entry('"F32"', '[01]', '[0,4]'), 4)],
  ['2^53', 'integer', fileOf(entry('"F32"', '[9007199254740992]', '[0,4]'), 4)],
  ['2^53 + 1, which rounds to 2^53', 'integer', fileOf(entry('"F32"', '[1]', '[0,9007199254740993]'), 4)],
  ['2^64 + 1', 'integer', fileOf(entry('"F32"', '[18446744073709551617]', '[0,4]'), 4)],
  ['nine dimensions', 'dimensions', fileOf(entry('"F32"', '[1,1,1,1,1,1,1,1,1]', '[0,4]'), 4)],
  ['a shape beyond 2^53', 'overflow', fileOf(entry('"F32"', '[94906267,94906267]', '[0,4]'), 4)],
  ['a shape beyond 2^64', 'overflow', fileOf(entry('"F32"', '[4294967296,4294967296]', '[0,0]'))],
  ['a size beyond 2^53', 'overflow', fileOf(entry('"F64"', '[9007199254740991]', '[0,4]'), 4)],
  [
    'a shape that is zero in the end, but not before',
    'overflow',
    fileOf(entry('"F32"', '[9007199254740991,2,0]', '[0,0]')),
  ],
  ['offsets too close', 'size', fileOf(entry('"F32"', '[2]', '[0,4]'), 4)],
  ['offsets too far', 'size', fileOf(entry('"F32"', '[1]', '[0,8]'), 8)],
  ['offsets in the wrong order', 'size', fileOf(entry('"F32"', '[1]', '[4,0]'), 4)],
  ['another dtype of the same shape', 'size', fileOf(entry('"F64"', '[1]', '[0,4]'), 4)],
  ['numbers that do not fill a byte', 'size', fileOf(entry('"F4"', '[1]', '[0,1]'), 1)],
  ['two tensors in one place', 'overlap', fileOf(two(0, 4), 4)],
  ['two tensors that share a byte', 'overlap', fileOf(two(3, 7), 7)],
  ['a hole between two tensors', 'hole', fileOf(two(5, 9), 9)],
  ['a hole before the first', 'hole', fileOf(entry('"F32"', '[1]', '[4,8]'), 8)],
  ['an empty tensor out of place', 'hole', fileOf(entry('"F32"', '[0]', '[4,4]'), 4)],
  ['numbers that are not there', 'end', fileOf(entry('"F32"', '[2]', '[0,8]'), 7)],
  ['bytes behind the numbers', 'end', fileOf(`{${A}}`, 5)],
  ['bytes without tensors', 'end', fileOf('{}', 1)],
  ['integers', 'unsupported-dtype', fileOf(entry('"I64"', '[1]', '[0,8]'), 8)],
  ['a malformed file of integers', 'end', fileOf(entry('"I64"', '[1]', '[0,8]'), 9)],
  [
    '10,001 tensors',
    'too-many',
    fileOf(`{${many(10_001, (i) => `"${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`)}}`),
  ],
  ['10,001 texts', 'too-many', fileOf(`{"__metadata__":{${many(10_001, (i) => `"${i}":""`)}}}`)],
  ['too many tensors before it reads any', 'too-many', fileOf(`{${many(10_002, () => '"same":{}')}}`)],
  ['too many texts before it reads any', 'too-many', fileOf(`{"__metadata__":{${many(10_001, () => '"same":""')}}}`)],
] as const satisfies readonly (readonly [string, SafetensorsReason, Uint8Array, number?])[]) {
  test(`refuses ${what}: ${reason}`, () => {
    const error = refusal(file);
    assert.is(error.reason, reason, error.message);
    if (position !== undefined) assert.is(error.position, position, error.message);
    assert.match(error.message, /^readSafetensors: [^]{10,300}$/);
  });
}

const named = (name: string): string => `{"${name}":{"dtype":"F32","shape":[],"data_offsets":[0,0]}}`;

for (const [file, message] of [
  [new Uint8Array(7), 'a file begins with 8 bytes of header length, got 7 in all'],
  [
    fileOf('{}', 0, 100_000_001n),
    'a header has at most 20000000 bytes, this one 100000001: is it a safetensors file?, at byte 0',
  ],
  [fileOf('{}', 0, 3n), 'the header has 3 bytes, but only 2 follow, at byte 0'],
  [fileOf('{'), 'expected ", got the end of the header, at byte 9'],
  [fileOf('{a'), 'expected ", got "a", at byte 9'],
  [fileOf('{"a'), 'a text has no closing quote, at byte 9'],
  [fileOf('{"\\x":1}'), 'a text has a control character or an unknown escape, at byte 9'],
  [fileOf('{"\\ud800":1}'), '"\\ud800" holds half a surrogate pair, at byte 9'],
  [fileOf('{}{'), '"{" follows the header, at byte 10'],
  [fileOf('{"__metadata__":{"é":"1","é":"2"}}'), '"é" occurs twice, at byte 34'],
  [fileOf(entry('"F32"', '["1"]', '[0,4]')), 'expected a number, got "\\"", at byte 37'],
  [fileOf(entry('"F32"', '[01]', '[0,4]')), 'expected an integer from 0 to 2^53 - 1, got "01", at byte 37'],
  [fileOf(entry('"F32"', '[1]', '[0,4,4]')), 'at most 2 numbers are allowed here, at byte 60'],
  [fileOf(entry('"F32"', '[1]', '[4]')), 'data_offsets are two numbers, at byte 55'],
  [fileOf(entry('"f"', '[1]', '[0,4]')), 'there is no dtype "f", at byte 22'],
  [fileOf('{"a":{}}'), 'a tensor needs dtype, shape, data_offsets, at byte 13'],
  [fileOf('{"a":{"x":1}}'), 'a tensor has dtype, shape, data_offsets, got "x", at byte 14'],
  [fileOf(`{"a":{"${'x'.repeat(60)}":1}}`), `shape, data_offsets, got "${'x'.repeat(60)}", at byte 14`],
  [fileOf(`{"a":{"${'x'.repeat(61)}":1}}`), `shape, data_offsets, got "${'x'.repeat(60)}…", at byte 14`],
  [fileOf(entry('"F4"', '[1,1]', '[0,1]'), 1), 'tensor "a": F4 of shape [1, 1] does not fill its last byte'],
  [fileOf(entry('"F32"', '[1,2]', '[0,4]'), 4), 'tensor "a": F32 of shape [1, 2] takes 8 bytes, its offsets are 0, 4'],
  [fileOf(entry('"F32"', '[9007199254740991,2]', '[0,4]'), 4), 'tensor "a": shape [9007199254740991, 2] is too large'],
  [fileOf(two(0, 4), 4), 'tensor "b": begins at 0, before the end of the tensor before it, 4'],
  [fileOf(two(5, 9), 9), 'tensor "b": begins at 5, the tensor before it ends at 4'],
  [fileOf(entry('"F32"', '[2]', '[0,8]'), 7), 'tensor "a": ends at 8, but only 7 bytes follow the header'],
  [fileOf(`{${A}}`, 5), 'the tensors end at 4, but 5 bytes follow the header'],
  [fileOf(named('x'.repeat(60))), `tensor "${'x'.repeat(60)}": F32 of shape [] takes 4 bytes, its offsets are 0, 0`],
  [fileOf(named('x'.repeat(61))), `tensor "${'x'.repeat(60)}…": F32 of shape [] takes 4 bytes, its offsets are 0, 0`],
  [fileOf(entry('"I64"', '[0]', '[0,0]')), 'tensor "a" is I64; F64, F32, F16 and BF16 can be read'],
] as const) {
  test(`a refusal says what is wrong where: ${message}`, () => {
    const error = refusal(file);
    assert.is(error.name, 'SafetensorsError');
    assert.ok(error.message.startsWith('readSafetensors: ') && error.message.endsWith(message), error.message);
  });
}

const BITS: Readonly<Record<number, string>> = {
  4: 'F4',
  6: 'F6_E2M3 F6_E3M2',
  8: 'BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ',
  16: 'I16 U16 F16 BF16',
  32: 'I32 U32 F32',
  64: 'I64 U64 C64 F64',
};
for (const [bits, dtype] of Object.entries(BITS).flatMap(([bits, dtypes]) =>
  dtypes.split(' ').map((dtype) => [Number(bits), dtype] as const),
)) {
  test(`eight ${dtype} take ${bits} bytes`, () => {
    const file = fileOf(entry(`"${dtype}"`, '[8]', `[0,${bits}]`), bits);
    if (['F64', 'F32', 'F16', 'BF16'].includes(dtype))
      assert.is(readSafetensors(file).tensors.get('a')!.data.length, 8);
    else assert.is(refusal(file).reason, 'unsupported-dtype');
  });
}

test('takes what lies just inside each limit', () => {
  const eight = readSafetensors(fileOf(entry('"F32"', '[1,1,1,1,1,1,1,1]', '[0,4]'), 4));
  assert.is(eight.tensors.get('a')!.shape.length, 8);
  const none = readSafetensors(fileOf(entry('"F32"', '[0,9007199254740991]', '[0,0]')));
  assert.is(none.tensors.get('a')!.data.length, 0);
  const empty = (i: number): string => `"${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`;
  assert.is(readSafetensors(fileOf(`{${many(10_000, empty)}}`)).tensors.size, 10_000);
});

test('headers made to exhaust a parser are read or refused in good time', () => {
  const long = 19 * LARGE;
  for (const [header, reason] of [
    [`{"__metadata__":{"a":"${'\\n'.repeat(long / 2)}"}}`, undefined],
    [`{${' '.repeat(long)}}`, undefined],
    [`{"${'a'.repeat(long)}":{}}`, 'missing-field'],
    [entry('"F32"', `[${'1'.repeat(long)}]`, '[0,4]'), 'integer'],
    [entry('"F32"', `[${'-'.repeat(long)}]`, '[0,4]'), 'grammar'],
    ['{"a":'.repeat(long / 5), 'unknown-field'],
    [`{"a":${'['.repeat(long)}`, 'grammar'],
  ] as const) {
    const file = fileOf(header);
    const started = process.cpuUsage();
    if (reason === undefined) readSafetensors(file);
    else assert.is(refusal(file).reason, reason);
    assert.ok(process.cpuUsage(started).user < 5e6, `${header.slice(0, 20)}… took too long`);
  }
});

test('NaN and infinities are read, and refused where only finite numbers are asked for', () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    for (const data of [Float32Array.of(1, bad), Float64Array.of(1, bad)]) {
      const file = safetensors(new Map([['a', { shape: [2], data }]]), {});
      assert.equal([...readSafetensors(file).tensors.get('a')!.data], [1, bad]);
      const error = refusal(file, true);
      assert.is(error.reason, 'not-finite');
      assert.is(error.position, file.length - data.BYTES_PER_ELEMENT);
      assert.match(error.message, `tensor "a" is not finite: number 1 is ${bad}`);
    }
  }
});

test('a number that is not finite is placed, behind other tensors too', () => {
  const ones = { shape: [2], data: Float32Array.of(1, 1) };
  const file = safetensors(
    new Map([
      ['a', ones],
      ['b', { shape: [2], data: Float32Array.of(1, NaN) }],
    ]),
    {},
  );
  assert.is(refusal(file, true).position, file.length - 4);
});

test('every truncation of a file is refused, and every longer one', () => {
  const file = sample();
  for (let length = 0; length < file.length; length++) refusal(file.subarray(0, length));
  refusal(Buffer.concat([file, Buffer.of(0)]));
});

test('a flipped bit of the header is refused, or changes a name or a text and nothing else', () => {
  const file = sample();
  const { tensors, metadata } = readSafetensors(file);
  const end = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  let accepted = 0;
  for (let bit = 0; bit < end * 8; bit++) {
    const flipped = file.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const read = readOrRefused(flipped);
    if (read === undefined) continue;
    accepted++;
    const texts = [...read.tensors.keys(), ...[...read.metadata].flat()];
    const before = [...tensors.keys(), ...[...metadata].flat()];
    assert.is(texts.filter((text, i) => text !== before[i]).length, 1, `bit ${bit}`);
    assert.is(texts.length, before.length);
    assert.equal([...read.tensors.values()], [...tensors.values()]);
  }
  assert.ok(accepted > 0);
});

test('a header above the limit says the limit, and is not parsed; a vocabulary of a million words is below it', () => {
  const words = JSON.stringify(Array.from({ length: 1_000_000 }, (_, i) => `word ${1e8 + i}`)); // 14 characters each
  const { metadata } = readSafetensors(safetensors(new Map(), { vocabulary: words }));
  assert.is(metadata.get('vocabulary'), words);
  const bad = fileOf('{'.repeat(20_000_001)); // no grammar
  assert.throws(() => readSafetensors(bad), /a header has at most 20000000 bytes, this one 20000001/);
  assert.throws(
    () => safetensors(new Map(), { a: 'x'.repeat(20e6) }),
    /the header must be at most 20000000 bytes long/,
  );
});

test('quotes after backslashes end a text where these are pairs', () => {
  for (const text of ['\\', '\\\\', '"', '\\"', '"\\', '\\\\"\\', 'a,{"b":[', '\\u', 'é"']) {
    const { tensors, metadata } = readSafetensors(
      safetensors(new Map([[text, { shape: [1], data: Float32Array.of(1) }]]), { [text]: text, last: '' }),
    );
    assert.equal([...tensors.keys()], [text]);
    assert.equal([...metadata.keys(), ...metadata.values()], [text, 'last', text, '']);
  }
});

test.run();

function sample(): Uint8Array {
  return safetensors(
    new Map<string, Tensor>([
      ['rnn.weight_ih_l0', { shape: [2, 3], data: Float32Array.of(1, -2, 3, 0.5, 0, 7) }],
      ['b', { shape: [], data: Float64Array.of(0.1) }],
      ['é"', { shape: [0], data: new Float32Array(0) }],
    ]),
    { format: 'rxrnn', 'a\n': 'π' },
  );
}

function readOrRefused(file: Uint8Array): ReturnType<typeof readSafetensors> | undefined {
  try {
    return readSafetensors(file);
  } catch (error) {
    assert.instance(error, SafetensorsError);
    return undefined;
  }
}

function refusal(file: Uint8Array, finite = false): SafetensorsError {
  try {
    readSafetensors(file, { finite });
  } catch (error) {
    assert.instance(error, SafetensorsError);
    return error as SafetensorsError;
  }
  assert.unreachable('the file was read');
  throw new Error('unreachable');
}
