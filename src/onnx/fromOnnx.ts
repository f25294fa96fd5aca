import { checkBytes } from '../check/checkBytes.js';
import { show } from '../check/show.js';
import { showName } from '../check/showName.js';
import { activation } from '../layer/activation.js';
import { dropout } from '../layer/dropout.js';
import { embedding } from '../layer/embedding.js';
import type { Layer } from '../layer/layer.js';
import { linear } from '../layer/linear.js';
import type { Model } from '../model/model.js';
import { sequential } from '../model/sequential.js';
import type { Tensor } from '../types.js';
import { type DecodedModel, decodeModel } from './decodeModel.js';
import { OnnxError } from './OnnxError.js';
import type { OnnxNode, OnnxTensor } from './onnxModel.js';
import { ACTIVATION_OF } from './operators.js';
import { attributeOf, type GraphView, readGraph, shownNode } from './readGraph.js';
import { type ReadLayer, readRecurrent } from './readRecurrent.js';

/** Limits of our own: layers, and how many numbers they may have for each that the file holds, since layers may share. */
const MOST_LAYERS = 1000;
const MOST_SHARED = 4;

/**
 * Makes a model of a file of ONNX: one chain of operators from its first input to its first output.
 *
 * It reads what `toOnnx` writes of `rnn`, `lstm`, `gru`, `linear`, `embedding`, `activation` and `dropout`, and files of
 * torch's exporter of the same parts: RNN, LSTM and GRU (`linear_before_reset` 1) in one direction or in both, Gemm or
 * MatMul with Add, Gather from a table, activations, Dropout, and what only moves numbers. Each RNN operator is a layer of
 * its own, so that a stack of two becomes `lstm` and `lstm_2`. Steps come first, as in every model here, also where the
 * file has the lanes first. Weights become float32.
 *
 * Nothing in the bytes is taken on trust: lengths, shapes and numbers of nodes are checked before memory is taken, and
 * weights that are not finite are refused. An OnnxError, with the byte where a file is malformed, and with the operator
 * that cannot be read.
 */
export function fromOnnx(bytes: Uint8Array): Model {
  checkBytes('fromOnnx', 'bytes', bytes);
  const decoded = decodeModel(bytes);
  const layers = layersOf(decoded);
  const parameters = new Map<string, Tensor>();
  const named: Record<string, Layer> = {};
  for (const [name, { layer, parameters: own }] of layers) {
    named[name] = layer;
    for (const [key, tensor] of Object.entries(own)) {
      for (let i = 0; i < tensor.data.length; i++) {
        if (!Number.isFinite(Math.fround(tensor.data[i]!))) {
          throw new OnnxError(`${showName(`${name}.${key}`)} has a number that is not finite as float32`);
        }
      }
      parameters.set(`${name}.${key}`, { shape: tensor.shape, data: Float32Array.from(tensor.data) });
    }
  }
  try {
    return sequential(named, { stateDict: parameters });
  } catch (cause) {
    throw new OnnxError(`the layers do not fit each other: ${(cause as Error).message}`, undefined, { cause });
  }
}

/** Walks from the input to the output, and reads a layer of each operator that is one. */
function layersOf(decoded: DecodedModel): Map<string, ReadLayer> {
  const graph = readGraph(decoded);
  const layers = new Map<string, ReadLayer>();
  const ours = decoded.texts.has('rxrnn');
  const given = decoded.inputs.find((name) => graph.isInput(name));
  const [wanted] = decoded.outputs;
  if (given === undefined || wanted === undefined) throw new OnnxError('the graph has no input or no output');
  let size: number | undefined; // of what the layers so far give
  let value = given;
  const seen = new Set<string>();
  const unused = numbered();
  const held = countNumbers(decoded);
  let numbers = 0; // of the layers so far

  while (value !== wanted) {
    if (seen.has(value)) throw new OnnxError(`the operators after ${showName(value)} go in a circle`);
    seen.add(value);
    const next = graph.consumers(value).filter((node) => !isOfShapes(node, value));
    if (next.length !== 1) {
      throw new OnnxError(
        `${showName(value)} is read by ${next.length} operators; only a chain can be read, and this one does not lead ` +
          `to the output ${showName(wanted)}`,
      );
    }
    const [node] = next;
    const found = readNode(graph, node!, value, { size, ours, first: layers.size === 0 });
    if (typeof found === 'string') value = found;
    else {
      if (layers.size === MOST_LAYERS) throw new OnnxError(`a graph has at most ${MOST_LAYERS} layers`);
      for (const { data } of Object.values(found.parameters)) numbers += data.length;
      if (numbers > MOST_SHARED * held) {
        throw new OnnxError(
          `the layers share constants so often that they have ${numbers} numbers and more, of ${held} in the file; at ` +
            `most ${MOST_SHARED} times as many can be read`,
        );
      }
      layers.set(unused(nameOf(node!, found.layer)), found);
      size = found.layer.outputSize;
      value = found.output;
    }
    if (value === undefined || value === '') throw new OnnxError(`${shownNode(node!)} gives nothing`);
  }
  if (layers.size === 0) throw new OnnxError('the graph has no operator that is a layer');
  return layers;
}

/** The numbers that a file holds: its constants, and those of its nodes. */
function countNumbers({ constants, nodes }: DecodedModel): number {
  const ofNodes = nodes.map(({ attributes: { value } }) => (value?.kind === 'tensor' ? value.value.data.length : 0));
  return [...constants.map(({ data }) => data.length), ...ofNodes].reduce((sum, length) => sum + length, 0);
}

/** Whether a node only asks for the shape of a value, or uses it beside the chain. */
function isOfShapes({ operator, inputs }: OnnxNode, value: string): boolean {
  return operator === 'Shape' || (inputs[0] !== value && (operator === 'Expand' || operator === 'Reshape'));
}

interface Place {
  /** Numbers per step that the layers so far give; undefined before the first. */
  readonly size: number | undefined;
  readonly ours: boolean;
  readonly first: boolean;
}

/** The layer of a node, or the value that continues the chain where the node changes no number. */
function readNode(graph: GraphView, node: OnnxNode, value: string, place: Place): ReadLayer | string {
  const output = node.outputs[0] ?? '';
  switch (node.operator) {
    case 'RNN':
    case 'LSTM':
    case 'GRU':
      if (node.inputs[0] !== value) break;
      return readRecurrent(graph, node);
    case 'MatMul':
    case 'Gemm':
      if (node.inputs[0] !== value) break;
      return readLinear(graph, node);
    case 'Gather':
      if (node.inputs[1] !== value || attributeOf(node, 'axis', 'int', 0) !== 0) break;
      return readTable(graph, node, place);
    case 'Tanh':
    case 'Relu':
    case 'Sigmoid':
    case 'Softmax':
    case 'LogSoftmax':
      return readActivation(node, place.size);
    case 'Dropout': {
      if (place.size === undefined) return output;
      const ratio =
        attributeOf(node, 'ratio', 'float', undefined) ?? graph.constant(node.inputs[1] ?? '')?.data[0] ?? 0.5;
      if (!(ratio >= 0 && ratio <= 1)) {
        throw new OnnxError(`${shownNode(node)}: the ratio must be in [0, 1], got ${show(ratio)}`);
      }
      return { layer: dropout({ size: place.size, rate: ratio }), parameters: {}, output };
    }
    case 'Identity':
    case 'Cast':
      return output;
    case 'Transpose':
      if (attributeOf(node, 'perm', 'ints', []).join() !== '1,0,2') break;
      return output; // lanes first to steps first, or back
    case 'OneHot': {
      const [slice] = graph.consumers(output);
      if (place.ours && place.first && slice?.operator === 'Slice') return slice.outputs[0] ?? '';
      break;
    }
    default:
  }
  throw new OnnxError(
    `${shownNode(node)} cannot be read; there are RNN, LSTM, GRU, Gemm, MatMul with Add, Gather from a table, Tanh, Relu, ` +
      'Sigmoid, Softmax, LogSoftmax, Dropout and Identity',
  );
}

/** `x W + b`, or `x Wᵀ + b`, with a bias in the operator, or in an `Add` after it. */
function readLinear(graph: GraphView, node: OnnxNode): ReadLayer {
  const where = shownNode(node);
  const gemm = node.operator === 'Gemm';
  for (const name of ['alpha', 'beta'] as const) {
    if (gemm && attributeOf(node, name, 'float', 1) !== 1) throw new OnnxError(`${where}: ${name} must be 1`);
  }
  if (gemm && attributeOf(node, 'transA', 'int', 0) !== 0) throw new OnnxError(`${where}: transA must be 0`);
  const weight = numbersOf(graph, node.inputs[1], where, 2);
  const turned = gemm && attributeOf(node, 'transB', 'int', 0) !== 0; // outputs first, as here
  const [outputSize, inputSize] = turned ? [weight.dims[0]!, weight.dims[1]!] : [weight.dims[1]!, weight.dims[0]!];
  const data = new Float64Array(weight.data.length);
  for (let o = 0; o < outputSize; o++) {
    for (let i = 0; i < inputSize; i++) {
      data[o * inputSize + i] = weight.data[turned ? o * inputSize + i : i * outputSize + o]!;
    }
  }
  let output = node.outputs[0] ?? '';
  let bias = gemm && node.inputs[2] ? numbersOf(graph, node.inputs[2], where, 1) : undefined;
  const readers = graph.consumers(output);
  const [next] = readers;
  if (!gemm && readers.length === 1 && next!.operator === 'Add') {
    const other = next!.inputs.find((name) => name !== output);
    bias = numbersOf(graph, other, shownNode(next!), 1);
    output = next!.outputs[0] ?? '';
  }
  if (bias && bias.dims[0] !== outputSize) {
    throw new OnnxError(`${where}: expected ${outputSize} numbers of bias, got ${bias.dims[0]}`);
  }
  return {
    layer: linear({ inputSize, outputSize, bias: bias !== undefined }),
    parameters: {
      weight: { shape: [outputSize, inputSize], data },
      ...(bias && { bias: { shape: [outputSize], data: Float64Array.from(bias.data) } }),
    },
    output,
  };
}

/** A table of rows by token; ours has a row of zeros at its end, for token −1. */
function readTable(graph: GraphView, node: OnnxNode, { ours, first }: Place): ReadLayer {
  const where = shownNode(node);
  if (!first) throw new OnnxError(`${where}: only the first layer can be a table of tokens`);
  const table = numbersOf(graph, node.inputs[0], where, 2);
  const [rows, outputSize] = [table.dims[0]! - (ours ? 1 : 0), table.dims[1]!];
  if (rows < 1) throw new OnnxError(`${where}: the table has no rows`);
  const data = Float64Array.from(Array.prototype.slice.call(table.data, 0, rows * outputSize) as number[]);
  return {
    layer: embedding({ inputSize: rows, outputSize }),
    parameters: { weight: { shape: [rows, outputSize], data } },
    output: node.outputs[0] ?? '',
  };
}

function readActivation(node: OnnxNode, size: number | undefined): ReadLayer {
  const where = shownNode(node);
  if (size === undefined) throw new OnnxError(`${where} is before the first layer, whose size says how wide it is`);
  const axis = attributeOf(node, 'axis', 'int', -1);
  if (/Softmax/.test(node.operator) && axis !== -1 && axis !== 2) {
    throw new OnnxError(`${where}: the axis must be the last, got ${axis}`);
  }
  return {
    layer: activation({ size, nonlinearity: ACTIVATION_OF.get(node.operator)! }),
    parameters: {},
    output: node.outputs[0] ?? '',
  };
}

function numbersOf(graph: GraphView, name: string | undefined, where: string, dimensions: number): OnnxTensor {
  const tensor = graph.constant(name ?? '');
  if (!tensor || tensor.type === 'int64') throw new OnnxError(`${where}: ${showName(name ?? '')} must be a constant`);
  if (tensor.dims.length !== dimensions || tensor.dims.includes(0)) {
    throw new OnnxError(`${where}: expected ${dimensions} dimensions, got [${tensor.dims.join(', ')}]`);
  }
  return tensor;
}

/** The name of a layer: the first part of the node's, without what torch writes around it, else its kind. */
function nameOf({ name, operator }: OnnxNode, layer: Layer): string {
  const part = name.split('/').find((part) => part !== '' && !part.includes('::')) ?? '';
  const own = /^[A-Za-z][\w-]*$/.test(part) && !part.startsWith(operator) ? part : layer.kind;
  return own === 'skip' ? layer.kind : own;
}

/** Gives a name, and where it was given before, one with the next number. */
function numbered(): (name: string) => string {
  const given = new Map<string, number>(); // how often
  return (name) => {
    let [found, count] = [name, given.get(name) ?? 0];
    while (given.has(found)) found = `${name}_${++count}`;
    given.set(name, Math.max(count, 1));
    given.set(found, 1);
    return found;
  };
}
