import { showName } from '../check/showName.js';
import { OnnxError } from './OnnxError.js';
import { ELEMENT, type OnnxAttribute, type OnnxGraph, type OnnxNode, type OnnxTensor } from './onnxModel.js';
import { type Field, readFields, spend } from './readFields.js';

/** What a file of ONNX holds of a graph that can be read: shapes of values are not needed. */
export interface DecodedModel extends Pick<OnnxGraph, 'nodes' | 'constants'> {
  /** Names of what comes in and out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Texts beside the graph. */
  readonly texts: ReadonlyMap<string, string>;
}

/** The most nodes, constants and dimensions: limits of our own. */
const MOST_NODES = 20_000;
const MOST_CONSTANTS = 20_000;
const MOST_DIMENSIONS = 8;
const MOST_NAMES = 1000;

const DECODER = new TextDecoder('utf-8', { fatal: true });

/** Reads the bytes of a file of ONNX; an OnnxError where they are malformed or too many. */
export function decodeModel(bytes: Uint8Array): DecodedModel {
  let graph: Omit<DecodedModel, 'texts'> | undefined;
  let version = 0;
  const texts = new Map<string, string>();
  for (const field of readFields(bytes)) {
    if (field.field === 1) version = Number(field.number);
    else if (field.field === 7) {
      if (graph) throw new OnnxError('the file has two graphs', field.at);
      graph = decodeGraph(field);
    } else if (field.field === 14) {
      let [key, value] = ['', ''];
      for (const part of fieldsOf(field)) {
        if (part.field === 1) key = textOf(part);
        else if (part.field === 2) value = textOf(part);
      }
      if (texts.size === MOST_NAMES) throw new OnnxError(`a file has at most ${MOST_NAMES} texts`, field.at);
      if (texts.has(key)) throw new OnnxError(`a text ${showName(key)} occurs twice`, field.at);
      texts.set(key, value);
    }
  }
  if (!graph || version < 1) throw new OnnxError('this is not a file of ONNX: it has no version and no graph');
  return { ...graph, texts };
}

function decodeGraph(graph: Field): Omit<DecodedModel, 'texts'> {
  const nodes: OnnxNode[] = [];
  const constants: OnnxTensor[] = [];
  const [inputs, outputs]: [string[], string[]] = [[], []];
  for (const field of fieldsOf(graph)) {
    if (field.field === 1) {
      if (nodes.length === MOST_NODES) throw new OnnxError(`a graph has at most ${MOST_NODES} nodes`, field.at);
      nodes.push(decodeNode(field));
    } else if (field.field === 5) {
      if (constants.length === MOST_CONSTANTS) {
        throw new OnnxError(`a graph has at most ${MOST_CONSTANTS} constants`, field.at);
      }
      constants.push(decodeTensor(field));
    } else if (field.field === 11 || field.field === 12) {
      const names = field.field === 11 ? inputs : outputs;
      if (names.length === MOST_CONSTANTS) throw new OnnxError('the graph has too many inputs or outputs', field.at);
      for (const part of fieldsOf(field)) if (part.field === 1) names.push(textOf(part));
    } else if (field.field === 15) throw new OnnxError('sparse constants cannot be read', field.at);
  }
  return { nodes, constants, inputs, outputs };
}

function decodeNode(node: Field): OnnxNode {
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const attributes = new Map<string, OnnxAttribute>();
  let [name, operator, domain] = ['', '', ''];
  for (const field of fieldsOf(node)) {
    if (field.field === 1) inputs.push(textOf(field));
    else if (field.field === 2) outputs.push(textOf(field));
    else if (field.field === 3) name = textOf(field);
    else if (field.field === 4) operator = textOf(field);
    else if (field.field === 5) {
      const [key, attribute] = decodeAttribute(field);
      if (attributes.has(key)) throw new OnnxError(`an attribute ${showName(key)} occurs twice`, field.at);
      if (attribute) attributes.set(key, attribute);
    } else if (field.field === 7) domain = textOf(field);
    if (Math.max(inputs.length, outputs.length, attributes.size) > MOST_NAMES) {
      throw new OnnxError(`a node has at most ${MOST_NAMES} inputs, outputs and attributes`, field.at);
    }
  }
  if (domain !== '' && domain !== 'ai.onnx') operator = `${domain}.${operator}`;
  return { name, operator, inputs, outputs, attributes: Object.fromEntries(attributes) };
}

/** An attribute with its name; graphs, whose operators cannot be read, and lists of tensors are left out. */
function decodeAttribute(attribute: Field): [name: string, attribute: OnnxAttribute | undefined] {
  let name = '';
  let found: OnnxAttribute | undefined;
  const [floats, ints, strings]: [number[], number[], string[]] = [[], [], []];
  for (const field of fieldsOf(attribute)) {
    if (field.field === 1) name = textOf(field);
    else if (field.field === 2) found = { kind: 'float', value: floatOf(field.number) };
    else if (field.field === 3) found = { kind: 'int', value: Number(BigInt.asIntN(64, field.number)) };
    else if (field.field === 4) found = { kind: 'string', value: textOf(field) };
    else if (field.field === 5) found = { kind: 'tensor', value: decodeTensor(field) };
    else if (field.field === 7)
      append(floats, field.bytes ? floatsIn(field) : [floatOf(field.number)], MOST_NAMES, field);
    else if (field.field === 8) append(ints, integersOf(field, MOST_NAMES), MOST_NAMES, field);
    else if (field.field === 9) append(strings, [textOf(field)], MOST_NAMES, field);
  }
  if (floats.length > 0) found = { kind: 'floats', value: floats };
  else if (ints.length > 0) found = { kind: 'ints', value: ints };
  else if (strings.length > 0) found = { kind: 'strings', value: strings };
  return [name, found];
}

function decodeTensor(tensor: Field): OnnxTensor {
  const dims: number[] = [];
  let name = '';
  let element = 0;
  let raw: Field | undefined;
  const listed: Field[] = [];
  for (const field of fieldsOf(tensor)) {
    if (field.field === 1) append(dims, integersOf(field, MOST_DIMENSIONS), MOST_DIMENSIONS, field);
    else if (field.field === 2) element = Number(field.number);
    else if (field.field === 8) name = textOf(field);
    else if (field.field === 9) raw = field;
    else if ([4, 5, 7, 10].includes(field.field)) listed.push(field);
    else if (field.field === 13 || (field.field === 14 && field.number === 1n)) {
      throw new OnnxError(`the numbers of ${showName(name)} are in another file; save the model as one file`, field.at);
    }
  }
  const type = (['float', 'double', 'int64'] as const).find((type) => ELEMENT[type] === element);
  const shown = showName(name);
  if (dims.some((dim) => !(Number.isSafeInteger(dim) && dim >= 0))) {
    throw new OnnxError(`${shown} has a dimension that is not a size`, tensor.at);
  }
  const length = dims.reduce((product, dim) => product * dim, 1);
  if (type === undefined) {
    // Other kinds, such as bool, may be among the constants; they are refused where they are used.
    return { name, dims, type: 'int64', data: [] };
  }
  const data = raw ? rawNumbers(type, raw) : listedNumbers(type, listed);
  if (data.length !== length) {
    throw new OnnxError(
      `${shown} of shape [${dims.join(', ')}] needs ${length} numbers, got ${data.length}`,
      tensor.at,
    );
  }
  return { name, dims, type, data };
}

/** Adds values of a field to a list that has at most as many. */
function append<T>(list: T[], values: readonly T[], most: number, { at }: Field): void {
  if (list.length + values.length > most) throw new OnnxError(`at most ${most} values are allowed here`, at);
  list.push(...values);
}

function rawNumbers(type: OnnxTensor['type'], field: Field): ArrayLike<number> {
  const bytes = bytesOf(field);
  const size = type === 'float' ? 4 : 8;
  if (bytes.length % size !== 0) throw new OnnxError('the numbers of a tensor end within one', field.at);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = new Float64Array(bytes.length / size);
  for (let i = 0; i < data.length; i++) {
    if (type === 'float') data[i] = view.getFloat32(4 * i, true);
    else data[i] = type === 'double' ? view.getFloat64(8 * i, true) : Number(view.getBigInt64(8 * i, true));
  }
  return data;
}

/** Numbers in fields of their own, packed or one by one. */
function listedNumbers(type: OnnxTensor['type'], fields: readonly Field[]): number[] {
  if (fields.length === 1) return numbersOf(type, fields[0]!);
  const all: number[] = [];
  for (const field of fields) for (const number of numbersOf(type, field)) all.push(number);
  return all;
}

function numbersOf(type: OnnxTensor['type'], field: Field): number[] {
  if (type === 'int64') return integersOf(field);
  if (type === 'float') return field.bytes ? floatsIn(field) : [floatOf(field.number)];
  return field.bytes
    ? Array.from(rawNumbers('double', field))
    : [new Float64Array(BigUint64Array.of(field.number).buffer)[0]!];
}

function floatsIn(field: Field): number[] {
  return Array.from(rawNumbers('float', field));
}

function floatOf(bits: bigint): number {
  return new Float32Array(Uint32Array.of(Number(BigInt.asUintN(32, bits))).buffer)[0]!;
}

/** Integers, packed or one; those after the first `most` are not read, but for one that says there are more. */
function integersOf(field: Field, most = Infinity): number[] {
  if (!field.bytes) return [Number(BigInt.asIntN(64, field.number))];
  const found: number[] = [];
  for (let at = 0; at < field.bytes.length && found.length <= most;) {
    spend(field.budget, field.at + at);
    let small = 0;
    let end = at;
    let unit = 1;
    while (end - at < 7 && field.bytes[end]! >= 128) {
      small += (field.bytes[end++]! & 127) * unit;
      unit *= 128;
    }
    if (field.bytes[end]! < 128) {
      found.push(small + field.bytes[end]! * unit); // below 2^56: big integers take twenty times as long
      at = end + 1;
      continue;
    }
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (at >= field.bytes.length || shift > 63n) throw new OnnxError('a packed number does not end', field.at + at);
      const byte = field.bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) break;
    }
    found.push(Number(BigInt.asIntN(64, value)));
  }
  return found;
}

function fieldsOf(field: Field): Generator<Field, void, void> {
  return readFields(bytesOf(field), field.at, field.budget);
}

function bytesOf({ bytes, at }: Field): Uint8Array {
  if (bytes) return bytes;
  throw new OnnxError('a number is where a message or bytes were expected', at);
}

function textOf(field: Field): string {
  try {
    return DECODER.decode(bytesOf(field));
  } catch {
    throw new OnnxError('a name is not UTF-8', field.at);
  }
}
