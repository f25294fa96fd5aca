// The article's simple recurrent network, step by step (systems 1 and 2): two inputs, two hidden units, two outputs,
// all weights one, first linear and then with tanh. Time unrolling is `scan` over the model's step. Then the same by
// torch's two ways (system 3): a cell stepped by hand, and a layer that takes the whole sequence.
import { from, map, type Observable, of, scan } from 'rxjs';
import {
  type Dtype,
  hiddenState,
  type Layer,
  linear,
  loadStateDict,
  type Model,
  type Numbers,
  outputs,
  rnn,
  rnnCell,
  sequential,
  type State,
  unroll,
} from '../src/index.js';
import { command } from './support/command.js';
import { floatText, matrixText, rowText } from './support/numpyText.js';

export interface SrnWeights {
  /** w1 … w8 of the article: input to hidden, then hidden to output. */
  readonly w: readonly number[];
  /** U1 … U4: hidden to hidden. */
  readonly u: readonly number[];
}

export interface SrnStep {
  readonly input: readonly number[];
  readonly stateBefore: readonly number[];
  readonly state: readonly number[];
  readonly output: readonly number[];
}

/** The article's network: h1 reads w1, w3, U2, U4; h2 reads w2, w4, U1, U3; y1 reads w5, w7; y2 reads w6, w8. */
export function srnModel(nonlinearity: 'identity' | 'tanh', { w, u }: SrnWeights): Model {
  const model = sequential(
    {
      rnn: rnn({ inputSize: 2, hiddenSize: 2, nonlinearity, bias: false }),
      linear: linear({ inputSize: 2, outputSize: 2, bias: false }),
    },
    { dtype: 'float64' },
  );
  const matrix = (...numbers: (number | undefined)[]) => ({ shape: [2, 2], data: Float64Array.from(numbers, Number) });
  const parameters = {
    'rnn.weight_ih_l0': matrix(w[0], w[2], w[1], w[3]),
    'rnn.weight_hh_l0': matrix(u[1], u[3], u[0], u[2]),
    'linear.weight': matrix(w[4], w[6], w[5], w[7]),
  };
  loadStateDict(model, new Map(Object.entries(parameters)));
  return model;
}

/** Inputs through the network one at a time: the accumulator of the `scan` carries the hidden state. */
export function srn(model: Model, inputs: readonly (readonly number[])[]): Observable<SrnStep> {
  interface Accumulator extends SrnStep {
    readonly carried: State;
  }
  const zero: Accumulator = { input: [], stateBefore: [], state: [0, 0], output: [], carried: model.zeroState() };
  return from(inputs).pipe(
    scan((before: Accumulator, input) => {
      const { output, state } = model.step(Float64Array.from(input), before.carried);
      const [hidden] = Array.from(state.values(), ({ data }) => [...data]);
      return { input, stateBefore: before.state, state: hidden!, output: [...output.data], carried: state };
    }, zero),
  );
}

/** The lines that the article's programs print. */
export function srnLines(inputs: readonly (readonly number[])[], steps: readonly SrnStep[]): string[] {
  const tuple = (state: readonly number[], first: boolean): string =>
    first ? rowText(state) : `(${state.map(floatText).join(', ')})`;
  return [
    `inputs is  ${matrixText(inputs)}`,
    `state_t is  ${rowText([0, 0])}`,
    '--------------------------------------',
    ...steps.flatMap(({ input, stateBefore, output }, i) => [
      `inputs is  ${rowText(input)}`,
      `state_t is  ${tuple(stateBefore, i === 0)}`,
      `output_y is  ${output.map(floatText).join(' ')}`,
      '---------------',
    ]),
  ];
}

export interface TorchWeights {
  readonly weightIh: readonly (readonly number[])[];
  readonly weightHh: readonly (readonly number[])[];
  readonly biasIh: readonly number[];
  readonly biasHh: readonly number[];
  readonly linearWeight: readonly (readonly number[])[];
  /** One number, which counts for both outputs, or one each. */
  readonly linearBias: readonly number[];
  readonly nonlinearity: 'tanh' | 'relu';
}

/** System 3: by `rnnCell`, one step after the other, and by `rnn`, the sequence as one window. */
export function srnVariants(
  weights: TorchWeights,
  inputs: readonly (readonly number[])[],
  dtype: Dtype,
): { cell: SrnStep[]; layer: { states: Numbers; last: Numbers; outputs: Numbers } } {
  const { nonlinearity, linearWeight, linearBias } = weights;
  const sizes = { inputSize: inputs[0]!.length, hiddenSize: weights.weightHh.length, nonlinearity };
  const readout = linear({ inputSize: sizes.hiddenSize, outputSize: linearWeight.length });
  const bias = linearWeight.map((_, i) => linearBias[i] ?? linearBias[0]!);

  function loaded(layers: Record<string, Layer>): Model {
    const model = sequential(layers, { dtype });
    for (const [name, { data }] of model.weights.tensors) data.set(numbersFor(name));
    return model;
  }
  function numbersFor(name: string): number[] {
    if (name === 'linear.weight') return linearWeight.flat();
    if (name === 'linear.bias') return bias;
    const { weightIh, weightHh, biasIh, biasHh } = weights;
    if (name.includes('weight')) return (name.includes('_ih') ? weightIh : weightHh).flat();
    return [...(name.includes('_ih') ? biasIh : biasHh)];
  }

  const cell: SrnStep[] = [];
  srn(loaded({ cell: rnnCell(sizes), linear: readout }), inputs).subscribe((step) => cell.push(step));

  const features = dtype === 'float64' ? Float64Array : Float32Array;
  const window = { steps: inputs.length, lanes: 1, inputs: features.from(inputs.flat()), targets: new Int32Array(0) };
  const layer = {
    states: new features(0) as Numbers,
    last: new features(0) as Numbers,
    outputs: new features(0) as Numbers,
  };
  of(window)
    .pipe(unroll(loaded({ rnn: rnn(sizes) })))
    .subscribe((unrolled) => {
      layer.states = outputs(unrolled).data;
      layer.last = hiddenState(unrolled).get('rnn.h')!.data;
    });
  of(window)
    .pipe(unroll(loaded({ rnn: rnn(sizes), linear: readout })), map(outputs))
    .subscribe(({ data }) => (layer.outputs = data));
  return { cell, layer };
}

/** Two numbers as torch prints them. */
function tensorText(numbers: ArrayLike<number>): string {
  return `tensor([[${Array.from(numbers, (x) => x.toFixed(4)).join(', ')}]])`;
}

const ONES: SrnWeights = { w: Array<number>(8).fill(1), u: Array<number>(4).fill(1) };
const PAIR = [
  [1, 1],
  [1, 1],
];
const TORCH: TorchWeights = {
  weightIh: PAIR,
  weightHh: PAIR,
  biasIh: [0, 0],
  biasHh: [0, 0],
  linearWeight: PAIR,
  linearBias: [0],
  nonlinearity: 'tanh',
};
const INPUTS = [
  [1, 1],
  [1, 1],
  [2, 2],
];

await command(import.meta.url, {
  about: 'The simple recurrent network of the article: linear, with tanh, and by cell and layer, step by step.',
  options: {
    seed: { kind: 'seed', help: 'taken for likeness with the other scripts; all weights are one', initial: 0 },
    json: { kind: 'flag', help: 'one JSON object a step and nothing else' },
  },
  async run({ json }) {
    for (const nonlinearity of ['identity', 'tanh'] as const) {
      const steps: SrnStep[] = [];
      srn(srnModel(nonlinearity, ONES), INPUTS).subscribe((step) => steps.push(step));
      if (json) {
        for (const { input, stateBefore, state, output } of steps) {
          console.log(JSON.stringify({ nonlinearity, input, stateBefore, state, output }));
        }
      } else {
        console.log(nonlinearity === 'identity' ? '=== linear ===' : '\n=== tanh ===');
        for (const line of srnLines(INPUTS, steps)) console.log(line);
      }
    }
    const { cell, layer } = srnVariants(TORCH, INPUTS, 'float32');
    if (!json) console.log('\n=== cell and layer ===');
    for (const [t, { input, stateBefore, state, output }] of cell.entries()) {
      const [layerState, layerOutput] = [layer.states, layer.outputs].map((all) => [...all.subarray(t * 2, t * 2 + 2)]);
      if (json) {
        for (const [variant, after, given] of [
          ['cell', state, output],
          ['layer', layerState, layerOutput],
        ] as const) {
          console.log(JSON.stringify({ variant, input, stateBefore, state: after, output: given }));
        }
      } else {
        console.log(`Input : ${tensorText(input)}  hidden : ${tensorText(stateBefore)}`);
        console.log(`cell  : ${tensorText(output)}  layer  : ${tensorText(layerOutput!)}`);
      }
    }
  },
});
