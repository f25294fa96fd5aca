// A million mutated safetensors files: each is refused with a SafetensorsError or is truly a file.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSafetensors } from '../../src/format/readSafetensors.js';
import { SafetensorsError } from '../../src/format/SafetensorsError.js';
import { processorTime } from '../support/processorTime.js';
import { bytesOf, fileOf } from './files.js';

const FILES = Number(process.env['MUTATED_FILES'] ?? 1_000_000);

/** Milliseconds that one file may take. */
const LIMIT = 250;

const SIZES: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

test(`${FILES} mutated files: no other error, no view out of range, none slow`, () => {
  const random = xorshift(20260101);
  const originals = seeds();
  const counts = new Map<string, number>();
  let slowest = 0;
  for (let i = 0; i < FILES; i++) {
    let file = originals[random(originals.length)]!;
    for (let changes = 1 + random(3); changes > 0; changes--) file = mutated(file, originals, random);
    const started = processorTime();
    const reason = outcome(file);
    let took = processorTime() - started;
    if (took > LIMIT) took = again(file); // once more, so that a pause of the machine does not count
    slowest = Math.max(slowest, took);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  assert.ok(slowest <= LIMIT, `the slowest file took ${slowest.toFixed(0)} ms`);
  if (FILES >= 100_000) {
    // Every reason but what takes a file as large as a limit (too-many) and what takes an option (not-finite).
    assert.is(counts.size, 21, `reached ${[...counts.keys()].join(', ')}`);
  }
  if (process.env['MUTATED_REPORT'] !== undefined) {
    console.log(`slowest ${slowest.toFixed(1)} ms`, Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a)));
  }
});

test.run();

/** Why a file was refused, or `accepted`; anything else is an error of the reader. */
function outcome(file: Uint8Array): string {
  let read: ReturnType<typeof readSafetensors>;
  try {
    read = readSafetensors(file);
  } catch (error) {
    if (error instanceof SafetensorsError) return error.reason;
    throw new Error(`not a SafetensorsError for ${Buffer.from(file).toString('base64')}`, { cause: error });
  }
  try {
    verify(file, read);
  } catch (cause) {
    throw new Error(`wrongly read: ${Buffer.from(file).toString('base64')}`, { cause });
  }
  return 'accepted';
}

/** Compares what was read with what JSON.parse makes of the header: places, sizes and every byte. */
function verify(file: Uint8Array, { tensors, metadata }: ReturnType<typeof readSafetensors>): void {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const { __metadata__: texts = {}, ...entries } = JSON.parse(
    Buffer.from(file.subarray(8, 8 + length)).toString(),
  ) as Record<string, object>;
  assert.is(Object.keys(texts).length, metadata.size);
  assert.is(Object.keys(entries).length, tensors.size);
  const filled = new Uint8Array(file.length - 8 - length);
  for (const [name, value] of Object.entries(entries)) {
    const {
      dtype,
      shape,
      data_offsets: offsets,
    } = value as {
      dtype: string;
      shape: number[];
      data_offsets: [number, number];
    };
    const [begin, end] = offsets;
    const { data, shape: found } = tensors.get(name)!;
    assert.equal(found, shape);
    assert.is(
      data.length,
      shape.reduce((a, b) => a * b, 1),
    );
    assert.is(data.length * SIZES[dtype]!, end - begin);
    assert.is(data.byteOffset, 0);
    assert.is(data.buffer.byteLength, data.byteLength);
    assert.is.not(data.buffer, file.buffer);
    for (let i = begin; i < end; i++) filled[i]!++;
    const place = file.subarray(8 + length + begin, 8 + length + end);
    if (dtype === 'F32' || dtype === 'F64') assert.is(Buffer.compare(bytesOf(data), place), 0);
  }
  assert.ok(filled.every((times) => times === 1));
}

function again(file: Uint8Array): number {
  const started = processorTime();
  outcome(file);
  return processorTime() - started;
}

type Draw = (n: number) => number;

function mutated(file: Uint8Array, originals: readonly Uint8Array[], random: Draw): Uint8Array {
  const copy = file.slice();
  const length = headerLength(file);
  const inHeader = length > 0 ? 8 + random(length) : 0;
  if (copy.length === 0) return Uint8Array.of(random(256));
  switch (random(10)) {
    case 0:
      copy[random(copy.length)]! ^= 1 << random(8);
      return copy;
    case 1:
      if (inHeader < copy.length) copy[inHeader]! ^= 1 << random(8);
      return copy;
    case 2:
      copy[random(copy.length)] = random(256);
      return copy;
    case 3:
      // a mark of JSON in place of another
      if (inHeader < copy.length) copy[inHeader] = MARKS.charCodeAt(random(MARKS.length));
      return copy;
    case 4: {
      const other = originals[random(originals.length)]!;
      const [from, to] = [random(copy.length + 1), random(other.length + 1)];
      return Buffer.concat([copy.subarray(0, from), other.subarray(to)]);
    }
    case 5:
      return copy.slice(0, random(copy.length));
    case 6: {
      // the length field: a little off, or wild
      if (copy.length < 8) return copy;
      const view = new DataView(copy.buffer);
      if (random(2) === 0) view.setBigUint64(0, BigInt(Math.max(0, length + random(17) - 8)), true);
      else copy[random(8)] = random(256);
      return copy;
    }
    case 7:
    case 8:
      return tweaked(copy, length, random);
    default: {
      // a piece of the header put in a second time, or taken out
      const size = 1 + random(12);
      const rest = random(2) === 0 ? inHeader : inHeader + size;
      const pieces = [
        copy.subarray(8, inHeader),
        copy.subarray(rest === inHeader ? inHeader - size : rest, 8 + length),
      ];
      return fileOf(Buffer.concat(inHeader > 8 + size ? pieces : []), copy.slice(8 + length));
    }
  }
}

const MARKS = '{}[]",:\\ 0123456789-.eE\t\0';

const NUMBERS = '0,1,2,3,4,7,8,12,16,24,255,256,65536,4294967295,4294967296,9007199254740991,9007199254740992'.split(
  ',',
);
const ODD_NUMBERS = '-1,-0,01,1.0,1e3,1E400,18446744073709551615,18446744073709551616,99999999999999999999'.split(',');
const WORDS =
  '"F32","F64","F16","BF16","I64","F4","BOOL","f32","X","__proto__","__metadata__","dtype","shape","data_offsets","offsets","","\\ud800","\\u0061","\\x","é","a","b"'.split(
    ',',
  );
const INSERTS = ['{}', '[]', 'null', 'true', ' ', '\n', ',', '"a":1,', '1,1,1,1,1,1,1,1,', '"a":{},', ':'];

/** Changes a number, a text or a mark of the header and keeps the length field right. */
function tweaked(file: Uint8Array, length: number, random: Draw): Uint8Array {
  if (length > file.length - 8) return file;
  const header = Buffer.from(file.subarray(8, 8 + length)).toString('latin1');
  const pick = (list: readonly string[]): string => Buffer.from(list[random(list.length)]!).toString('latin1');
  let text = header;
  switch (random(5)) {
    case 0: {
      // a tensor put somewhere else, as long as it is
      const by = random(9) - 4;
      text = replaced(header, /\[\d+,\d+\]\}/g, (offsets) =>
        offsets.replaceAll(/\d+/g, (digits) => String(Math.max(0, Number(digits) + by))),
      );
      break;
    }
    case 1:
    case 2: {
      const odd = random(4) === 0;
      text = replaced(header, /\d+/g, (digits) => {
        if (odd) return pick(ODD_NUMBERS);
        return random(2) === 0 ? String(Math.max(0, Number(digits) + random(9) - 4)) : pick(NUMBERS);
      });
      break;
    }
    case 3:
      text = replaced(header, /"[^"]*"/g, () => pick(WORDS));
      break;
    default: {
      const at = random(header.length + 1);
      text = header.slice(0, at) + pick(INSERTS) + header.slice(at);
    }
  }
  // Sometimes what follows the header grows or shrinks with what the header says.
  const rest = file.subarray(8 + length);
  const numbers =
    random(4) === 0 ? Buffer.concat([rest, new Uint8Array(8)]).subarray(0, random(rest.length + 9)) : rest;
  return fileOf(Buffer.from(text, 'latin1'), numbers);

  /** One of the matches, replaced. */
  function replaced(text: string, pattern: RegExp, by: (match: string) => string): string {
    const matches = [...text.matchAll(pattern)];
    const match = matches[random(Math.max(1, matches.length))];
    if (match === undefined) return text;
    return text.slice(0, match.index) + by(match[0]) + text.slice(match.index + match[0].length);
  }
}

/** What the length field says, where the file is that long; 0 elsewhere. */
function headerLength(file: Uint8Array): number {
  if (file.length < 8) return 0;
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return length <= file.length - 8 ? length : 0;
}

/** Files of every kind: empty, with texts, of each dtype, with odd names, with spaces. */
function seeds(): Uint8Array[] {
  const f32 = (name: string, n: number, at: number): string =>
    `"${name}":{"dtype":"F32","shape":[${n}],"data_offsets":[${at},${at + 4 * n}]}`;
  return [
    fileOf('{}      '),
    fileOf('{"__metadata__":{"format":"pt"}}        '),
    fileOf(`{${f32('a', 3, 0)}}  `, 12),
    fileOf(`{${f32('a', 0, 0)},${f32('b', 1, 0)},${f32('c', 0, 4)}}`, 4),
    fileOf(`{"__metadata__":{"a":"\\u00e9\\n","b":"é"},"x":{"dtype":"F64","shape":[2,1],"data_offsets":[0,16]}}`, 16),
    fileOf(
      '{"h":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]}}',
      Uint8Array.from({ length: 12 }, (_, i) => i * 21),
    ),
    fileOf('{"i":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}', 8),
    fileOf('{ "__proto__" : {"dtype": "F32", "shape": [1, 1, 1], "data_offsets": [0, 4]}}\n', 4),
    fileOf('{"big":{"dtype":"F32","shape":[0,9007199254740991],"data_offsets":[0,0]}}'),
    fileOf(
      `{"__metadata__":{"format":"rxrnn","configuration":"{\\"kind\\":1}"},${f32('rnn.w', 4, 8)},${f32('l', 2, 0)}}`,
      24,
    ),
  ];
}

/** Whole numbers from 0 to n − 1. G. Marsaglia, Xorshift RNGs, 2003. */
function xorshift(seed: number): Draw {
  let x = seed;
  return (n) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
}
