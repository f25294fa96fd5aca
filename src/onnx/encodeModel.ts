import {
  ELEMENT,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './onnxModel.js';

/** Fields of a message in the encoding of protocol buffers, in pieces. */
type Piece = Uint8Array;

const ENCODER = new TextEncoder();
/** The version of the format, and of its operators. */
const IR_VERSION = 8;
const OPSET = 17;

/** Kinds of attributes by their numbers in the format. */
const KINDS = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const;

/** Writes a graph as a file of ONNX, with texts beside it. */
export function encodeModel(graph: OnnxGraph, texts: Readonly<Record<string, string>>): Uint8Array {
  return joined([
    integer(1, IR_VERSION),
    text(2, 'rxrnn'),
    message(7, graphOf(graph)),
    message(8, [text(1, ''), integer(2, OPSET)]),
    ...Object.entries(texts).map(([key, value]) => message(14, [text(1, key), text(2, value)])),
  ]);
}

function graphOf({ nodes, constants, inputs, outputs }: OnnxGraph): Piece[] {
  return [
    ...nodes.map((node) => message(1, nodeOf(node))),
    text(2, 'rxrnn'),
    ...constants.map((tensor) => message(5, tensorOf(tensor))),
    ...inputs.map((value) => message(11, valueOf(value))),
    ...outputs.map((value) => message(12, valueOf(value))),
  ];
}

function nodeOf({ name, operator, inputs, outputs, attributes }: OnnxNode): Piece[] {
  return [
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(3, name),
    text(4, operator),
    ...Object.entries(attributes).map(([key, attribute]) => message(5, attributeOf(key, attribute))),
  ];
}

function attributeOf(name: string, attribute: OnnxAttribute): Piece[] {
  return [text(1, name), ...valueOfAttribute(attribute), integer(20, KINDS[attribute.kind])];
}

function valueOfAttribute(attribute: OnnxAttribute): Piece[] {
  switch (attribute.kind) {
    case 'float':
      return [float(2, attribute.value)];
    case 'int':
      return [integer(3, attribute.value)];
    case 'string':
      return [text(4, attribute.value)];
    case 'tensor':
      return [message(5, tensorOf(attribute.value))];
    case 'graph':
      return [message(6, graphOf(attribute.value))];
    case 'floats':
      return attribute.value.map((value) => float(7, value));
    case 'ints':
      return attribute.value.map((value) => integer(8, value));
    case 'strings':
      return attribute.value.map((value) => text(9, value));
  }
}

function tensorOf({ name, dims, type, data }: OnnxTensor): Piece[] {
  return [
    ...dims.map((dim) => integer(1, dim)),
    integer(2, ELEMENT[type]),
    text(8, name),
    message(9, [rawData(type, data)]),
  ];
}

/** Numbers in the order of bytes of the format, the lowest first. */
function rawData(type: OnnxTensor['type'], data: ArrayLike<number>): Uint8Array {
  const size = type === 'float' ? 4 : 8;
  const view = new DataView(new ArrayBuffer(data.length * size));
  for (let i = 0; i < data.length; i++) {
    if (type === 'float') view.setFloat32(i * size, data[i]!, true);
    else if (type === 'double') view.setFloat64(i * size, data[i]!, true);
    else view.setBigInt64(i * size, BigInt(data[i]!), true);
  }
  return new Uint8Array(view.buffer);
}

function valueOf({ name, type, dims }: OnnxValue): Piece[] {
  const shape = dims.map((dim) => message(1, [typeof dim === 'number' ? integer(1, dim) : text(2, dim)]));
  return [text(1, name), message(2, [message(1, [integer(1, ELEMENT[type]), message(2, shape)])])];
}

function joined(pieces: readonly Piece[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function message(field: number, pieces: readonly Piece[]): Piece {
  const bytes = joined(pieces);
  return joined([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

function text(field: number, value: string): Piece {
  return message(field, [ENCODER.encode(value)]);
}

function integer(field: number, value: number): Piece {
  return joined([varint(field << 3), varint(value)]);
}

function float(field: number, value: number): Piece {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value, true);
  return joined([varint((field << 3) | 5), new Uint8Array(view.buffer)]);
}

/** Seven bits per byte, the lowest first; negative numbers as 64 bits. */
function varint(value: number): Piece {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return Uint8Array.of(...bytes, Number(rest));
    bytes.push(Number(rest & 127n) | 128);
  }
}
