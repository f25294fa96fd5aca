import type { Activation } from '../layer/activation.js';
import type { Layer, NumbersByName } from '../layer/layer.js';
import { END, type GraphBuilder, graphBuilder } from './graphBuilder.js';
import { ACTIVATIONS } from './operators.js';
import { recurrentNodes } from './recurrentNodes.js';
import type { Recurrent } from './stackedLayer.js';
import { transposed } from './transposed.js';

/** What the nodes of a layer are made of. */
interface LayerContext {
  readonly builder: GraphBuilder;
  readonly layer: Layer;
  /** Its parameters by its own names. */
  readonly weights: NumbersByName;
  /** What it reads: steps × lanes × input, or steps × lanes for tokens of an embedding. */
  readonly x: string;
  /** Its state before the first step, by its own names: depth × lanes × size. */
  readonly state: Readonly<Record<string, string>>;
}

type Nodes = (context: LayerContext) => Recurrent;

/** The kinds of layers that can be written, and how. */
export const LAYER_NODES: Readonly<Record<string, Nodes>> = {
  rnn: recurrent,
  lstm: recurrent,
  gru: recurrent,
  minGru: recurrent,
  minLstm: recurrent,
  rgLru: recurrent,
  slstm: recurrent,
  rnnCell: recurrent,
  lstmCell: recurrent,
  gruCell: recurrent,
  minGruCell: recurrent,
  minLstmCell: recurrent,
  rgLruCell: recurrent,
  slstmCell: recurrent,
  linear({ builder, layer, weights, x }) {
    const { inputSize, outputSize } = layer;
    return stateless(affine(builder, x, weights['weight']!, weights['bias'], inputSize, outputSize));
  },
  embedding({ builder, layer, weights, x }) {
    return stateless(builder.add('Gather', [tableOf(builder, weights['weight']!, layer.inputSize), x], { axis: 0 }));
  },
  activation({ builder, layer, x }) {
    const operator = ACTIVATIONS[layer.options['nonlinearity'] as Activation];
    return stateless(builder.add(operator, [x], /Softmax/.test(operator) ? { axis: -1 } : {}));
  },
  dropout: ({ builder, layer, x }) =>
    stateless(builder.add('Dropout', [x, builder.numbers([], [layer.options['rate'] as number])])), // drops nothing here
  summary,
  embedColumn,
  autoregression,
  adaptiveSoftmax,
};

function recurrent({ builder, layer, weights, x, state }: LayerContext): Recurrent {
  return recurrentNodes(builder, layer, weights, x, state);
}

function stateless(output: string): Recurrent {
  return { output, state: {} };
}

/** `W x + b` over the last axis. */
function affine(
  builder: GraphBuilder,
  x: string,
  weight: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  inputs: number,
  outputs: number,
): string {
  const product = builder.add('MatMul', [x, builder.numbers([inputs, outputs], transposed(weight, outputs, inputs))]);
  return bias ? builder.add('Add', [product, builder.numbers([outputs], bias)]) : product;
}

/** A table with a row of zeros at its end: token −1, which means no input, is the last. */
function tableOf(builder: GraphBuilder, weight: ArrayLike<number>, tokens: number): string {
  const size = weight.length / tokens;
  const table = new Float32Array((tokens + 1) * size);
  table.set(weight);
  return builder.numbers([tokens + 1, size], table);
}

function embedColumn({ builder, layer, weights, x }: LayerContext): Recurrent {
  const { column, tokens } = layer.options as Record<string, number>;
  const index = builder.add('Cast', [builder.slice(x, 2, column!, column! + 1)], { to: 7 });
  const table = tableOf(builder, weights['weight']!, tokens!);
  const embedded = builder.add('Gather', [table, builder.add('Squeeze', [index, builder.integers(2)])], { axis: 0 });
  const parts = [
    ...(column! > 0 ? [builder.slice(x, 2, 0, column!)] : []),
    embedded,
    ...(column! < layer.inputSize - 1 ? [builder.slice(x, 2, column! + 1, END)] : []),
  ];
  return stateless(builder.add('Concat', parts, { axis: 2 }));
}

/** `y[h] = x + b[h] + Σ_k w[h][k] (x[t−k] − x[t])`, column by column: one product per column of the differences. */
function autoregression({ builder, layer, weights, x, state }: LayerContext): Recurrent {
  const { inputSize: columns, steps, horizon } = layer.options as Record<string, number>;
  const maps = layer.options['shared'] === true ? 1 : columns!;
  const history = builder.add('Concat', [state['past']!, x], { axis: 0 });
  const differences = Array.from({ length: steps! }, (_, i) => {
    const before = builder.slice(history, 0, steps! - 1 - i, -1 - i); // k = i + 1 steps earlier
    return builder.add('Unsqueeze', [builder.add('Sub', [before, x]), builder.integers(3)]);
  });
  // steps × lanes × columns × 1 × k
  const rows = builder.add('Unsqueeze', [builder.add('Concat', differences, { axis: 3 }), builder.integers(3)]);
  const weight = new Float32Array(maps * steps! * horizon!);
  for (let map = 0; map < maps; map++) {
    const own = weights['weight']!.subarray(map * horizon! * steps!, (map + 1) * horizon! * steps!);
    weight.set(transposed(own, horizon!, steps!), map * horizon! * steps!);
  }
  const products = builder.add('MatMul', [rows, builder.numbers([maps, steps!, horizon!], weight)]);
  const sums = builder.add('Add', [products, builder.numbers([maps, 1, horizon!], weights['bias']!)]);
  const each = builder.add('Squeeze', [sums, builder.integers(3)]); // steps × lanes × columns × horizon
  const ahead = builder.add('Add', [each, builder.add('Unsqueeze', [x, builder.integers(3)])]);
  const byHorizon = builder.add('Transpose', [ahead], { perm: [0, 1, 3, 2] });
  return {
    output: builder.add('Reshape', [byHorizon, builder.integers(0, 0, -1)]),
    state: { past: builder.slice(history, 0, -steps!, END) },
  };
}

function adaptiveSoftmax({ builder, layer, weights, x }: LayerContext): Recurrent {
  const { inputSize, outputSize } = layer;
  const cutoffs = String(layer.options['cutoffs']).split(',').map(Number);
  const bounds = [...cutoffs, outputSize];
  const [shortlist, clusters] = [cutoffs[0]!, cutoffs.length];
  const sums = affine(builder, x, weights['head.weight']!, weights['head.bias'], inputSize, shortlist + clusters);
  const head = builder.add('LogSoftmax', [sums], { axis: -1 });
  const tails = Array.from({ length: clusters }, (_, i) => {
    const [down, up] = [weights[`tail.${i}.0.weight`]!, weights[`tail.${i}.1.weight`]!];
    const width = down.length / inputSize;
    const narrow = affine(builder, x, down, undefined, inputSize, width);
    const within = affine(builder, narrow, up, undefined, width, bounds[i + 1]! - bounds[i]!);
    const share = builder.slice(head, 2, shortlist + i, shortlist + i + 1);
    return builder.add('Add', [builder.add('LogSoftmax', [within], { axis: -1 }), share]);
  });
  return stateless(builder.add('Concat', [builder.slice(head, 2, 0, shortlist), ...tails], { axis: 2 }));
}

function summary(context: LayerContext): Recurrent {
  const { builder, layer, x } = context;
  const { pool, bidirectional } = layer.options;
  if (pool === 'mean') return meanOfSteps(context);
  if (pool === 'max') return largestOfSteps(context);
  if (bidirectional !== true) return stateless(builder.add('Identity', [x]));
  const half = layer.inputSize / 2;
  const [forward, reverse] = [builder.slice(x, 2, 0, half), builder.slice(x, 2, half, END)];
  const first = builder.add('Expand', [builder.slice(reverse, 0, 0, 1), builder.add('Shape', [reverse])]);
  return stateless(builder.add('Concat', [forward, first], { axis: 2 }));
}

/** The number of each step, with those before the first: steps × lanes × 1. */
function countsOf({ builder, x, state }: LayerContext): string {
  const column = builder.slice(x, 2, 0, 1);
  const ones = builder.add('Expand', [builder.numbers([1, 1, 1], [1]), builder.add('Shape', [column])]);
  return builder.add('Add', [cumulated(builder, ones), state['count']!]);
}

function cumulated(builder: GraphBuilder, x: string): string {
  const axis = builder.add('Squeeze', [builder.integers(0)]);
  return builder.add('CumSum', [x, axis]);
}

function meanOfSteps(context: LayerContext): Recurrent {
  const { builder, x, state } = context;
  const counts = countsOf(context);
  const sums = builder.add('Add', [cumulated(builder, x), state['sum']!]);
  return {
    output: builder.add('Div', [sums, counts]),
    state: { sum: builder.slice(sums, 0, -1, END), count: builder.slice(counts, 0, -1, END) },
  };
}

function largestOfSteps(context: LayerContext): Recurrent {
  const { builder, layer, x, state } = context;
  const counts = countsOf(context);
  const none = builder.add('Equal', [state['count']!, builder.numbers([1], [0])]); // then `max` means nothing
  const start = builder.add('Where', [none, builder.numbers([1], [-Infinity]), state['max']!]);
  const body = graphBuilder('largest');
  const largest = body.add('Max', ['before', 'x']);
  body.output('after', largest);
  body.output('kept', largest);
  const value = (name: string) => ({ name, type: 'float', dims: ['lanes', layer.inputSize] }) as const;
  const graph = body.finish(['before', 'x'].map(value), ['after', 'kept'].map(value));
  const [after, output] = builder.addAll('Scan', [builder.add('Squeeze', [start, builder.integers(0)]), x], 2, {
    num_scan_inputs: 1,
    body: { kind: 'graph', value: graph },
  });
  return {
    output: output!,
    state: {
      max: builder.add('Unsqueeze', [after!, builder.integers(0)]),
      count: builder.slice(counts, 0, -1, END),
    },
  };
}
