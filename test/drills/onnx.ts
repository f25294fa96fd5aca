import { gru } from '../../src/layer/gru.js';
import { dropout } from '../../src/layer/dropout.js';
import { embedding } from '../../src/layer/embedding.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { rnn } from '../../src/layer/rnn.js';
import { sequential } from '../../src/model/sequential.js';
import { encodeModel } from '../../src/onnx/encodeModel.js';
import { fromOnnx } from '../../src/onnx/fromOnnx.js';
import { type GraphBuilder, graphBuilder } from '../../src/onnx/graphBuilder.js';
import { OnnxError } from '../../src/onnx/OnnxError.js';
import type { OnnxValue } from '../../src/onnx/onnxModel.js';
import { toOnnx } from '../../src/onnx/toOnnx.js';
import { torchLike } from '../onnx/torchLike.js';
import { type Draw, draws, readEach } from './readEach.js';

/** Mutated files of ONNX, an eighth of them bombs: each is read or refused, and none takes long. */
export function onnx(runs: number, seed: number): Promise<Readonly<Record<string, number>>> {
  const draw = draws(seed);
  const [small, large] = [valid(), bombs()];
  const make = (): Uint8Array => {
    let file = draw.below(8) === 0 ? draw.of(large) : draw.of(small);
    for (let changes = draw.below(4); changes > 0; changes--) file = changed(file, draw);
    if (draw.below(4) === 0 && file.length > 0) file = file.with(draw.below(file.length), draw.below(256));
    return draw.below(10) === 0 ? file.subarray(0, draw.below(file.length + 1)) : file;
  };
  const ours = (error: Error): boolean => error instanceof OnnxError;
  return Promise.resolve(readEach(runs, make, (file) => fromOnnx(file).dispose(), ours));
}

function valid(): Uint8Array[] {
  const cell = { inputSize: 2, hiddenSize: 2 };
  const fc = linear({ inputSize: 4, outputSize: 3 });
  return [
    toOnnx(sequential({ rnn: rnn(cell), fc: linear({ inputSize: 2, outputSize: 3 }) })),
    toOnnx(sequential({ lstm: lstm({ ...cell, bidirectional: true }), dropout: dropout({ size: 4, rate: 0.5 }), fc })),
    toOnnx(sequential({ table: embedding({ inputSize: 5, outputSize: 2 }), gru: gru({ ...cell, numLayers: 2 }) })),
    torchLike(),
  ];
}

/** Small files that ask for much. */
function bombs(): Uint8Array[] {
  const chain = (length: number, add: (b: GraphBuilder, x: string, i: number) => string): Uint8Array =>
    graphOf((b) => {
      let x = 'input';
      for (let i = 0; i < length; i++) x = add(b, x, i);
      return x;
    });
  const claim = (dims: readonly number[], data: readonly number[]): Uint8Array =>
    graphOf((b) => b.add('MatMul', ['input', b.numbers(dims, data)]));
  return [
    graphOf((b) => {
      const shared = b.numbers([200, 200], new Float32Array(200 * 200)); // one constant, 900 layers
      let x = 'input';
      for (let i = 0; i < 900; i++) x = b.add('MatMul', [x, shared]);
      return x;
    }),
    graphOf((b) => {
      const zeros = b.numbers([1, 1, 40_000], new Float32Array(40_000)); // looked at for every layer
      let x = 'input';
      for (let i = 0; i < 300; i++) {
        const [y] = b.addAll('RNN', [x, b.numbers([1, 1, 1], [1]), b.numbers([1, 1, 1], [1]), '', '', zeros], 2);
        x = b.add('Squeeze', [y!, b.integers(1)]);
      }
      return x;
    }),
    chain(8000, (b, x) => b.add('Identity', [x])),
    chain(1500, (b, x, i) => (i === 0 ? b.add('MatMul', [x, b.numbers([1, 1], [1])]) : b.add('Tanh', [x]))),
    chain(3, (b, x) => b.add('Identity', [x === 'input' ? 'input' : x])),
    claim([1e9, 1e9], [1]),
    claim([2 ** 31, 2 ** 33], []),
    claim([0, 2 ** 53 - 1], []),
    claim(Array.from({ length: 5000 }, () => 1), [1]), // prettier-ignore
    graphOf((b) => b.add('MatMul', ['input', 'a constant that is not there'])),
  ];
}

/** A graph with one input; the function adds its operators, and gives what comes out. */
function graphOf(operators: (b: GraphBuilder) => string): Uint8Array {
  const b = graphBuilder();
  b.output('output', operators(b));
  const value = (name: string): OnnxValue => ({ name, type: 'float', dims: ['steps', 'lanes', 2] });
  return encodeModel(b.finish([value('input')], [value('output')]), {});
}

/** A field of a message: its tag, whose last three bits are its kind, and its bytes. */
interface Part {
  readonly tag: number;
  readonly bytes: Uint8Array;
}

const NUMBERS = [0, 1, 2, 7, 127, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, -1, -(2 ** 63)].map((n) => varint(BigInt(n)));
const TEXTS = [
  '',
  'input',
  'output',
  'constructor',
  '__proto__',
  'Identity',
  'RNN',
  'Gemm',
  'Softmax',
  '\u001b[31m',
].map((text) => new TextEncoder().encode(text));

/** Changes one field of a message, or of one within it: drops it, doubles it, moves it, or gives it another value. */
function changed(message: Uint8Array, draw: Draw, depth = 0): Uint8Array {
  const parts = partsOf(message);
  if (!parts || parts.length === 0) return draw.of(TEXTS);
  const at = draw.below(parts.length);
  const { tag, bytes } = parts[at]!;
  const kind = tag % 8;
  if (depth < 4 && draw.below(4) > 0 && kind === 2 && bytes.length > 0) {
    return joined(parts.with(at, { tag, bytes: changed(bytes, draw, depth + 1) }));
  }
  const other = parts[draw.below(parts.length)]!;
  const values = kind === 0 ? NUMBERS : draw.of([TEXTS, NUMBERS]);
  return joined(
    draw.of([
      parts.toSpliced(at, 1),
      parts.toSpliced(draw.below(parts.length), 0, parts[at]!),
      parts.with(at, other),
      parts.with(at, { tag, bytes: other.bytes }),
      parts.with(at, { tag: draw.below(256), bytes }),
      parts.with(at, kind === 0 || kind === 2 ? { tag, bytes: draw.of(values) } : other),
    ]),
  );
}

/** The fields of a message; undefined where the bytes are not one. */
function partsOf(bytes: Uint8Array): Part[] | undefined {
  const parts: Part[] = [];
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let unit = 1; at < bytes.length; unit *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * unit;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = number();
    const size = tag % 8 === 2 ? number() : SIZES[tag % 8];
    const from = at;
    if (tag % 8 === 0) number();
    else at += size ?? Infinity;
    if (at > bytes.length) return undefined;
    parts.push({ tag, bytes: bytes.subarray(from, at) });
  }
  return parts;
}

/** Bytes of fields whose tag says how many they have. */
const SIZES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

function joined(parts: readonly Part[]): Uint8Array {
  const pieces = parts.flatMap(({ tag, bytes }) =>
    tag % 8 === 2 ? [varint(BigInt(tag)), varint(BigInt(bytes.length)), bytes] : [varint(BigInt(tag)), bytes],
  );
  return Uint8Array.from(Buffer.concat(pieces));
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 128n) return Uint8Array.of(...bytes, Number(rest));
    bytes.push(Number(rest & 127n) | 128);
  }
}
