import type { Layer } from '../layer/layer.js';
import { graphBuilder, type GraphBuilder } from './graphBuilder.js';
import type { OnnxAttribute } from './onnxModel.js';
import type { Recurrent, StackedLayer } from './stackedLayer.js';
import { transposed } from './transposed.js';

/** One layer in one direction. */
interface Side {
  readonly builder: GraphBuilder;
  readonly layer: Layer;
  /** Its parameters, without the number of the layer in their names. */
  readonly own: (name: string) => ArrayLike<number> | undefined;
  /** steps × lanes × its width. */
  readonly input: string;
  readonly hidden: number;
}

/** What a step reads besides the state, computed for all steps at once: steps × lanes × width. */
interface Sequence {
  readonly values: string;
  readonly width: number;
}

/** How a cell is written by a `Scan`. */
interface Scanned {
  readonly sequences: Readonly<Record<string, Sequence>>;
  /** The state after a step, by name; `at` gives the state before it and the sequences at it, lanes × width each. */
  step(body: GraphBuilder, at: (name: string) => string): Readonly<Record<string, string>>;
}

/** The kinds for which ONNX has no operator. */
const KINDS: Readonly<Record<string, (side: Side) => Scanned>> = { minGru, minLstm, rgLru, slstm, lstm: normedLstm };

/** Whether a recurrent layer is written by a `Scan`, since ONNX has no operator for its equations. */
export function isScanned({ kind, options }: Layer): boolean {
  const cell = kind.replace('Cell', '');
  if (cell === 'lstm') return options['layerNorm'] !== undefined;
  return Object.hasOwn(KINDS, cell);
}

/** Adds a layer of such a kind: products with the input for all steps at once, then a `Scan` in each direction. */
export function scanNodes({ builder, layer, weights, suffixes, input, initial }: StackedLayer): Recurrent {
  const hidden = layer.options['hiddenSize'] as number;
  const states = Object.keys(initial);
  const sides = suffixes.map((suffix, side) => {
    const own = (name: string): ArrayLike<number> | undefined => weights[name + suffix];
    const { sequences, step } = KINDS[layer.kind.replace('Cell', '')]!({ builder, layer, own, input, hidden });
    const before = states.map((name) => {
      const part = builder.slice(initial[name]!, 0, side, side + 1);
      return builder.add('Squeeze', [part, builder.integers(0)]);
    });
    const given = Object.values(sequences).map(({ values }) => values);
    const [...results] = builder.addAll('Scan', [...before, ...given], states.length + 1, {
      num_scan_inputs: given.length,
      body: { kind: 'graph', value: bodyOf(states, sequences, hidden, step) },
      ...(side === 1 && { scan_input_directions: given.map(() => 1), scan_output_directions: [1] }),
    });
    return { output: results.pop()!, after: results.map((x) => builder.add('Unsqueeze', [x, builder.integers(0)])) };
  });
  const joined = (parts: readonly string[], axis: number): string =>
    parts.length === 1 ? parts[0]! : builder.add('Concat', parts, { axis });
  return {
    output: joined(
      sides.map(({ output }) => output),
      2,
    ),
    state: Object.fromEntries(
      states.map((name, i) => [
        name,
        joined(
          sides.map(({ after }) => after[i]!),
          0,
        ),
      ]),
    ),
  };
}

function bodyOf(
  states: readonly string[],
  sequences: Scanned['sequences'],
  hidden: number,
  step: Scanned['step'],
): Extract<OnnxAttribute, { kind: 'graph' }>['value'] {
  const own = (name: string): string => `step:${name}`; // names of the graph around it must be others
  const body = graphBuilder('step:');
  const after = step(body, own);
  const value = (name: string, width: number) => ({ name, type: 'float', dims: ['lanes', width] }) as const;
  for (const name of states) body.output(own(`${name}.after`), after[name]!);
  body.output(own('kept'), after['h']!);
  return body.finish(
    [
      ...states.map((name) => value(own(name), hidden)),
      ...Object.entries(sequences).map(([name, { width }]) => value(own(name), width)),
    ],
    [...states.map((name) => value(own(`${name}.after`), hidden)), value(own('kept'), hidden)],
  );
}

/** `h = keep · h + fresh`. */
function mixed(keep: string, fresh: string, hidden: number): Scanned {
  return {
    sequences: { keep: { values: keep, width: hidden }, fresh: { values: fresh, width: hidden } },
    step: (body, at) => ({ h: body.add('Add', [body.add('Mul', [at('keep'), at('h')]), at('fresh')]) }),
  };
}

function minGru(side: Side): Scanned {
  const { builder, hidden } = side;
  const sums = sumsOf(side, 2);
  const z = builder.add('Sigmoid', [builder.slice(sums, 2, hidden, 2 * hidden)]);
  const keep = builder.add('Sub', [builder.numbers([1], [1]), z]);
  return mixed(keep, builder.add('Mul', [z, candidateOf(side, sums)]), hidden);
}

/** The shares f / (f + i) and i / (f + i) are σ of the difference of the logarithms of f = σ(…) and i = σ(…). */
function minLstm(side: Side): Scanned {
  const { builder, hidden } = side;
  const sums = sumsOf(side, 3);
  const [f, i] = [1, 2].map((gate) => {
    const sum = builder.slice(sums, 2, gate * hidden, (gate + 1) * hidden);
    return builder.add('Softplus', [builder.add('Neg', [sum])]); // −log σ
  });
  const keep = builder.add('Sigmoid', [builder.add('Sub', [i!, f!])]);
  const share = builder.add('Sigmoid', [builder.add('Sub', [f!, i!])]);
  return mixed(keep, builder.add('Mul', [share, candidateOf(side, sums)]), hidden);
}

/** The candidate of minGRU and minLSTM; in the form `log` it is n + 0.5 from 0 up and σ(n) below. */
function candidateOf({ builder, layer, hidden }: Side, sums: string): string {
  const n = builder.slice(sums, 2, 0, hidden);
  if (layer.options['form'] !== 'log') return n;
  const above = builder.add('Add', [n, builder.numbers([1], [0.5])]);
  const isAbove = builder.add('GreaterOrEqual', [n, builder.numbers([1], [0])]);
  return builder.add('Where', [isAbove, above, builder.add('Sigmoid', [n])]);
}

function rgLru({ builder, layer, own, input, hidden }: Side): Scanned {
  const { heads } = layer.options as Record<string, number>;
  const size = hidden / heads!;
  const projection = own('linear_x.weight');
  const u = projection ? affine(builder, input, projection, own('linear_x.bias'), hidden) : input;
  // steps × lanes × heads × 1 × inputs of a head
  const parts = builder.add('Reshape', [u, builder.integers(0, 0, heads!, 1, size)]);
  const [i, r] = ['input_gate', 'a_gate'].map((name) => {
    const products = builder.add('MatMul', [parts, builder.numbers([heads!, size, size], own(`${name}.w`)!)]);
    const sums = builder.add('Reshape', [products, builder.integers(0, 0, hidden)]);
    const bias = own(`${name}.b`);
    return builder.add('Sigmoid', [bias ? builder.add('Add', [sums, builder.numbers([hidden], bias)]) : sums]);
  });
  const rates = Array.from(own('a_param')!, (a) => -8 * (Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)))));
  const log = builder.add('Mul', [r!, builder.numbers([hidden], rates)]);
  const keep = builder.add('Exp', [log]);
  const square = builder.add('Exp', [builder.add('Add', [log, log])]);
  const fresh = builder.add('Mul', [i!, u]);
  const sequence = (values: string): Sequence => ({ values, width: hidden });
  return {
    sequences: { keep: sequence(keep), square: sequence(square), fresh: sequence(fresh) },
    step(body, at) {
      const started = at('started');
      const kept = body.add('Mul', [body.add('Mul', [started, at('keep')]), at('h')]);
      const squares = body.add('Mul', [body.add('Mul', [started, started]), at('square')]);
      const one = body.numbers([1], [1]);
      const scale = body.add('Sqrt', [body.add('Sub', [one, squares])]);
      return {
        h: body.add('Add', [kept, body.add('Mul', [scale, at('fresh')])]),
        started: body.add('Add', [body.add('Sub', [started, started]), one]),
      };
    },
  };
}

/** States in units of e^m; a lane whose n is all zeros starts, with m = i. */
function slstm(side: Side): Scanned {
  const { layer, own, hidden } = side;
  const { heads } = layer.options as Record<string, number>;
  const size = hidden / heads!;
  const dense = new Float32Array(hidden * 4 * hidden); // inputs × sums, zeros between heads
  for (const [i, weight] of Array.from(own('weight_hh')!).entries()) {
    const [row, from] = [Math.floor(i / size), i % size];
    const [head, gate, to] = [Math.floor(row / (4 * size)), Math.floor((row % (4 * size)) / size), row % size];
    dense[(head * size + from) * 4 * hidden + gate * hidden + head * size + to] = weight;
  }
  return {
    sequences: { sums: { values: sumsOf(side, 4, 'bias'), width: 4 * hidden } },
    step(body, at) {
      const product = body.add('MatMul', [at('h'), body.numbers([hidden, 4 * hidden], dense)]);
      const sums = body.add('Add', [at('sums'), product]);
      const [i, f, z, o] = [0, 1, 2, 3].map((gate) => body.slice(sums, 1, gate * hidden, (gate + 1) * hidden));
      const one = body.numbers([1], [1]);
      const ofForget = body.add('Softplus', [body.add('Neg', [f!])]); // −log σ(f)
      const l = body.add('Sub', [at('m'), ofForget]);
      const largest = body.add('ReduceMax', [body.add('Abs', [at('n')])], { axes: [1], keepdims: 1 });
      const starts = body.add('Equal', [largest, body.numbers([1], [0])]);
      const byInput = body.add('Or', [starts, body.add('GreaterOrEqual', [i!, l])]);
      const input = body.add('Where', [byInput, one, body.add('Exp', [body.add('Sub', [i!, l])])]);
      const decay = body.add('Min', [one, body.add('Exp', [body.add('Sub', [l, i!])])]);
      const forget = body.add('Where', [byInput, decay, one]);
      const fresh = body.add('Mul', [input, body.add('Tanh', [z!])]);
      const c = body.add('Add', [body.add('Mul', [forget, at('c')]), fresh]);
      const n = body.add('Add', [body.add('Mul', [forget, at('n')]), input]);
      return {
        h: body.add('Mul', [body.add('Sigmoid', [o!]), body.add('Div', [c, n])]),
        c,
        n,
        m: body.add('Where', [byInput, i!, l]),
      };
    },
  };
}

/** LSTM with layer norm: of the sums of the input, of those of the state, and of c as the option says. */
function normedLstm({ builder, layer, own, input, hidden }: Side): Scanned {
  const cellNorm = layer.options['layerNorm'];
  const epsilon: OnnxAttribute = { kind: 'float', value: layer.options['layerNormEpsilon'] as number };
  const norm = (to: GraphBuilder, name: string, x: string, width: number): string => {
    const [weight, bias] = [own(`${name}.weight`)!, own(`${name}.bias`)];
    const parameters = [to.numbers([width], weight), ...(bias ? [to.numbers([width], bias)] : [])];
    return to.add('LayerNormalization', [x, ...parameters], { axis: -1, epsilon });
  };
  const width = 4 * hidden;
  const values = norm(builder, 'layernorm_i', affine(builder, input, own('weight_ih')!, undefined, width), width);
  return {
    sequences: { sums: { values, width } },
    step(body, at) {
      const product = affine(body, at('h'), own('weight_hh')!, undefined, width);
      const sums = body.add('Add', [at('sums'), norm(body, 'layernorm_h', product, width)]);
      const [i, f, g, o] = ['Sigmoid', 'Sigmoid', 'Tanh', 'Sigmoid'].map((gate, at) =>
        body.add(gate, [body.slice(sums, 1, at * hidden, (at + 1) * hidden)]),
      );
      const cell = body.add('Add', [body.add('Mul', [f!, at('c')]), body.add('Mul', [i!, g!])]);
      const normed = cellNorm === 'gates' ? cell : norm(body, 'layernorm_c', cell, hidden);
      return {
        h: body.add('Mul', [o!, body.add('Tanh', [normed])]),
        c: cellNorm === 'state' ? normed : cell,
      };
    },
  };
}

/** The sums of the input for all steps, `count` gates side by side. */
function sumsOf({ builder, own, input, hidden }: Side, count: number, bias = 'bias_ih'): string {
  return affine(builder, input, own('weight_ih')!, own(bias), count * hidden);
}

function affine(
  builder: GraphBuilder,
  x: string,
  weight: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  outputs: number,
): string {
  const inputs = weight.length / outputs;
  const product = builder.add('MatMul', [x, builder.numbers([inputs, outputs], transposed(weight, outputs, inputs))]);
  return bias ? builder.add('Add', [product, builder.numbers([outputs], bias)]) : product;
}
