import { show } from '../check/show.js';
import { gru } from '../layer/gru.js';
import type { Layer } from '../layer/layer.js';
import { lstm } from '../layer/lstm.js';
import { rnn } from '../layer/rnn.js';
import type { Tensor } from '../types.js';
import { OnnxError } from './OnnxError.js';
import type { OnnxNode, OnnxTensor } from './onnxModel.js';
import { GATES_OF, NONLINEARITY_OF } from './operators.js';
import { attributeOf, type GraphView, shownNode } from './readGraph.js';

/** A layer that was read, with its parameters by its own names. */
export interface ReadLayer {
  readonly layer: Layer;
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** The value that holds what it gives. */
  readonly output: string;
}

/** Operators that pass zeros or an input of the graph on to an initial state. */
const PASSING = new Set([
  'Cast',
  'Concat',
  'Expand',
  'Gather',
  'Identity',
  'Reshape',
  'Slice',
  'Split',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
]);

/** Reads an operator RNN, LSTM or GRU as one layer, in one direction or in both. */
export function readRecurrent(graph: GraphView, node: OnnxNode): ReadLayer {
  const where = shownNode(node);
  const gates = GATES_OF.get(node.operator)!;
  const direction = attributeOf(node, 'direction', 'string', 'forward');
  if (direction !== 'forward' && direction !== 'bidirectional') {
    throw new OnnxError(`${where}: the direction must be forward or bidirectional, got ${show(direction)}`);
  }
  const sides = direction === 'bidirectional' ? 2 : 1;
  refuseUnknown(node, where);
  const [w, r] = [constantOf(graph, node, 1, 3), constantOf(graph, node, 2, 3)];
  const hidden = attributeOf(node, 'hidden_size', 'int', r.dims[2]!);
  const count = gates.length;
  const inputSize = w.dims[2]!;
  expect(w, [sides, count * hidden, inputSize], where);
  expect(r, [sides, count * hidden, hidden], where);
  const b = node.inputs[3] ? constantOf(graph, node, 3, 2) : undefined;
  if (b) expect(b, [sides, 2 * count * hidden], where);
  if (node.inputs[4]) throw new OnnxError(`${where}: lengths of sequences cannot be read`);
  for (const state of node.inputs.slice(5, 7)) checkInitial(graph, state, where);
  if (node.inputs[7]) throw new OnnxError(`${where}: peepholes cannot be read`);

  const parameters: Record<string, Tensor> = {};
  const rows = count * hidden;
  for (let side = 0; side < sides; side++) {
    const suffix = side === 0 ? '_l0' : '_l0_reverse';
    const part = (tensor: OnnxTensor, from: number, length: number, width: number): Tensor => {
      const data = new Float64Array(length * width);
      for (const [gate, place] of gates.entries()) {
        for (let i = 0; i < hidden * width; i++) {
          data[place * hidden * width + i] = tensor.data[from + gate * hidden * width + i]!;
        }
      }
      return { shape: width === 1 && tensor === b ? [length] : [length, width], data };
    };
    parameters[`weight_ih${suffix}`] = part(w, side * rows * inputSize, rows, inputSize);
    parameters[`weight_hh${suffix}`] = part(r, side * rows * hidden, rows, hidden);
    if (!b) continue;
    parameters[`bias_ih${suffix}`] = part(b, side * 2 * rows, rows, 1);
    parameters[`bias_hh${suffix}`] = part(b, side * 2 * rows + rows, rows, 1);
  }
  const sizes = { inputSize, hiddenSize: hidden, bias: b !== undefined, bidirectional: sides === 2 };
  return { layer: layerOf(node, sizes, where), parameters, output: outputOf(graph, node, sides, where) };
}

function layerOf(node: OnnxNode, sizes: Parameters<typeof lstm>[0], where: string): Layer {
  const activations = attributeOf(node, 'activations', 'strings', undefined);
  if (node.operator === 'RNN') {
    const [name = 'Tanh', other = name] = activations ?? [];
    const nonlinearity = NONLINEARITY_OF.get(name);
    if (nonlinearity === undefined || other !== name) {
      throw new OnnxError(`${where}: activations must be Tanh, Relu or Sigmoid in all directions`);
    }
    return rnn({ ...sizes, nonlinearity });
  }
  const usual = node.operator === 'LSTM' ? ['Sigmoid', 'Tanh', 'Tanh'] : ['Sigmoid', 'Tanh'];
  if (activations && activations.some((name, i) => name !== usual[i % usual.length])) {
    throw new OnnxError(`${where}: activations must be ${usual.join(', ')}`);
  }
  if (node.operator === 'LSTM') return lstm(sizes);
  if (attributeOf(node, 'linear_before_reset', 'int', 0) !== 1) {
    throw new OnnxError(`${where}: linear_before_reset must be 1, since the reset gate acts after the product here`);
  }
  return gru(sizes);
}

function refuseUnknown(node: OnnxNode, where: string): void {
  for (const name of ['layout', 'input_forget'] as const) {
    if (attributeOf(node, name, 'int', 0) !== 0) throw new OnnxError(`${where}: ${name} cannot be read`);
  }
  if (node.attributes['clip']) throw new OnnxError(`${where}: clip cannot be read`);
  const alpha = attributeOf(node, 'activation_alpha', 'floats', [1]);
  const beta = attributeOf(node, 'activation_beta', 'floats', [0]);
  if (alpha.some((a) => a !== 1) || beta.some((b) => b !== 0)) {
    throw new OnnxError(`${where}: activation_alpha must be 1, activation_beta 0`);
  }
}

/** An initial state may come from outside, or be zeros; another would be lost. */
function checkInitial(graph: GraphView, name: string, where: string): void {
  for (let value = name, hops = 0; value !== ''; hops++) {
    if (graph.isInput(value)) return;
    const constant = graph.constant(value);
    if (constant && graph.isZeros(constant)) return;
    const node = graph.producer(value);
    if (node?.operator === 'ConstantOfShape') {
      const filled = attributeOf(node, 'value', 'tensor', undefined);
      if (!filled || filled.data[0] === 0) return;
    }
    if (!node || !PASSING.has(node.operator) || hops > 100) {
      throw new OnnxError(`${where}: the initial state must be an input of the graph, or zeros`);
    }
    value = node.inputs[0] ?? '';
  }
}

/** Where the directions are side by side after the operator. */
function outputOf(graph: GraphView, node: OnnxNode, sides: number, where: string): string {
  const y = node.outputs[0] ?? '';
  const readers = y === '' ? [] : graph.consumers(y);
  if (readers.length === 1) {
    const [reader] = readers;
    if (reader!.operator === 'Squeeze' && sides === 1) return reader!.outputs[0]!;
    const perm = reader!.operator === 'Transpose' ? attributeOf(reader!, 'perm', 'ints', []) : [];
    const [next] = graph.consumers(reader!.outputs[0]!);
    if (perm.join() === '0,2,1,3' && next?.operator === 'Reshape') return next.outputs[0]!;
  }
  throw new OnnxError(
    `${where}: all steps must be read, by Squeeze, or by Transpose and Reshape with the directions side by side`,
  );
}

function constantOf(graph: GraphView, node: OnnxNode, input: number, dimensions: number): OnnxTensor {
  const tensor = graph.constant(node.inputs[input] ?? '');
  if (!tensor || tensor.type === 'int64') throw new OnnxError(`${shownNode(node)}: input ${input} must be a constant`);
  if (tensor.dims.length !== dimensions) {
    throw new OnnxError(`${shownNode(node)}: input ${input} must have ${dimensions} dimensions`);
  }
  return tensor;
}

function expect(tensor: OnnxTensor, dims: readonly number[], where: string): void {
  if (tensor.dims.join() === dims.join() && dims.every((dim) => dim > 0)) return;
  throw new OnnxError(`${where}: expected a constant of [${dims.join(', ')}], got [${tensor.dims.join(', ')}]`);
}
