import { show } from '../check/show.js';
import { showName } from '../check/showName.js';
import type { DecodedModel } from './decodeModel.js';
import { OnnxError } from './OnnxError.js';
import type { OnnxNode, OnnxTensor } from './onnxModel.js';

/** A graph with its nodes by what they give and by what they take. */
export interface GraphView {
  /** The node that gives a value. */
  readonly producer: (name: string) => OnnxNode | undefined;
  /** The nodes that take a value. */
  readonly consumers: (name: string) => readonly OnnxNode[];
  /** A constant, of the graph or of a node; undefined where the value is computed. */
  readonly constant: (name: string) => OnnxTensor | undefined;
  /** Whether a constant is of zeros alone; each is looked through once, however many layers begin with it. */
  readonly isZeros: (tensor: OnnxTensor) => boolean;
  /** Whether a value comes into the graph. */
  readonly isInput: (name: string) => boolean;
}

/** Makes the view of a graph; an OnnxError where a value is given twice, by nodes or as a constant. */
export function readGraph({ nodes, constants, inputs }: DecodedModel): GraphView {
  const producers = new Map<string, OnnxNode>();
  const takers = new Map<string, OnnxNode[]>();
  const known = new Map<string, OnnxTensor>();
  for (const tensor of constants) {
    if (known.has(tensor.name)) throw new OnnxError(`two constants have the name ${showName(tensor.name)}`);
    known.set(tensor.name, tensor);
  }
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (producers.has(output)) throw new OnnxError(`two nodes give ${showName(output)}`);
      if (known.has(output)) throw new OnnxError(`${showName(output)} is a constant, and a node gives it, too`);
      producers.set(output, node);
    }
    for (const input of new Set(node.inputs)) {
      const list = takers.get(input);
      if (list) list.push(node);
      else takers.set(input, [node]);
    }
    const value = node.operator === 'Constant' ? node.attributes['value'] : undefined;
    if (value?.kind === 'tensor') known.set(node.outputs[0] ?? '', value.value);
    const integers = node.operator === 'Constant' ? node.attributes['value_ints'] : undefined;
    if (integers?.kind === 'ints') {
      const { value: data } = integers;
      known.set(node.outputs[0] ?? '', { name: '', dims: [data.length], type: 'int64', data });
    }
  }
  const names = new Set(inputs.filter((name) => !known.has(name)));
  const zeros = new Map<OnnxTensor, boolean>();
  return {
    producer: (name) => producers.get(name),
    consumers: (name) => takers.get(name) ?? [],
    constant: (name) => known.get(name) ?? throughIdentity(name),
    isZeros(tensor) {
      const found = zeros.get(tensor) ?? Array.prototype.every.call(tensor.data, (number) => number === 0);
      zeros.set(tensor, found);
      return found;
    },
    isInput: (name) => names.has(name),
  };

  function throughIdentity(name: string): OnnxTensor | undefined {
    const node = producers.get(name);
    return node?.operator === 'Identity' ? known.get(node.inputs[0] ?? '') : undefined;
  }
}

/** Values of attributes by their kinds. */
interface Values {
  readonly int: number;
  readonly float: number;
  readonly string: string;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly strings: readonly string[];
  readonly tensor: OnnxTensor;
}

/** The value of an attribute of this kind, or what holds without it. */
export function attributeOf<K extends keyof Values, D = Values[K]>(
  node: OnnxNode,
  name: string,
  kind: K,
  otherwise: D,
): Values[K] | D {
  const found = node.attributes[name];
  if (found === undefined) return otherwise;
  if (found.kind === kind) return found.value as Values[K];
  throw new OnnxError(`${shownNode(node)}: ${showName(name)} must be of kind ${kind}, got ${show(found.kind)}`);
}

/** A node in a message. */
export function shownNode({ name, operator }: OnnxNode): string {
  return name === '' ? `operator ${showName(operator)}` : `operator ${showName(operator)} (${showName(name)})`;
}
