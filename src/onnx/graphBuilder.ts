import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './onnxModel.js';

/** Attributes as they are written down: the kind follows from the value, but a list of floats says so. */
type Attributes = Readonly<Record<string, number | string | readonly number[] | readonly string[] | OnnxAttribute>>;

/** Collects the nodes and constants of a graph; every function gives the name of what it computes. */
export interface GraphBuilder {
  /** Adds an operator with one output. */
  add(operator: string, inputs: readonly string[], attributes?: Attributes): string;
  /** Adds an operator with several outputs. */
  addAll(operator: string, inputs: readonly string[], outputs: number, attributes?: Attributes): string[];
  /** A constant of numbers. */
  numbers(dims: readonly number[], data: ArrayLike<number>): string;
  /** A constant of integers, in one dimension. */
  integers(...data: readonly number[]): string;
  /** The part `from` to before `to` along an axis; `from` and `to` count from the end where they are negative. */
  slice(x: string, axis: number, from: number, to: number): string;
  /** Names what comes out. */
  output(name: string, x: string): void;
  finish(inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): OnnxGraph;
}

/** The largest end of a slice: as far as there is something. */
export const END: number = 2 ** 31 - 1;

/** Makes a builder; names of what it adds begin with the prefix. */
export function graphBuilder(prefix = ''): GraphBuilder & { scope: string } {
  const nodes: OnnxNode[] = [];
  const constants: OnnxTensor[] = [];
  let count = 0;

  const builder: GraphBuilder & { scope: string } = {
    scope: '',
    add: (operator, inputs, attributes) => builder.addAll(operator, inputs, 1, attributes)[0]!,
    addAll(operator, inputs, outputs, attributes = {}) {
      const name = `${prefix}${builder.scope}/${operator}_${count++}`;
      const names = Array.from({ length: outputs }, (_, i) => (outputs === 1 ? name : `${name}.${i}`));
      const given = Object.entries(attributes).map(([key, value]) => [key, attributeOf(value)] as const);
      nodes.push({ name, operator, inputs, outputs: names, attributes: Object.fromEntries(given) });
      return names;
    },
    numbers(dims, data) {
      const name = `${prefix}${builder.scope}/constant_${count++}`;
      constants.push({ name, dims, type: 'float', data });
      return name;
    },
    integers(...data) {
      const name = `${prefix}${builder.scope}/constant_${count++}`;
      constants.push({ name, dims: [data.length], type: 'int64', data });
      return name;
    },
    slice: (x, axis, from, to) =>
      builder.add('Slice', [x, builder.integers(from), builder.integers(to), builder.integers(axis)]),
    output(name, x) {
      nodes.push({ name: `${prefix}${name}`, operator: 'Identity', inputs: [x], outputs: [name], attributes: {} });
    },
    finish: (inputs, outputs) => ({ nodes, constants, inputs, outputs }),
  };
  return builder;
}

function attributeOf(value: Attributes[string]): OnnxAttribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (!Array.isArray(value)) return value as OnnxAttribute;
  if (typeof value[0] === 'string') return { kind: 'strings', value: value as readonly string[] };
  return { kind: 'ints', value: value as readonly number[] };
}
