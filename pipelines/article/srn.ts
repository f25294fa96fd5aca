// The article's simple recurrent network (systems 1 and 2): two inputs, two hidden units, two outputs, unrolled in time
// by a `scan` over the model's step. Then the same in torch's two forms (system 3): a cell stepped by hand, and a layer
// that reads the whole sequence.
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
} from '../../src/index.js';
import { floatText, matrixText, rowText } from './numpyText.js';

/** The article's weights. */
export interface SrnWeights {
  /** w1 … w8 of the article: input to hidden, then hidden to output. */
  readonly w: readonly number[];
  /** U1 … U4: hidden to hidden. */
  readonly u: readonly number[];
}

/** One step of the network. */
export interface SrnStep {
  readonly input: readonly number[];
  readonly stateBefore: readonly number[];
  readonly state: readonly number[];
  readonly output: readonly number[];
}

/** Makes the article's network: h1 reads w1, w3, U2, U4; h2 reads w2, w4, U1, U3; y1 reads w5, w7; y2 reads w6, w8. */
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

/** Runs inputs through the network one at a time; the accumulator of the `scan` carries the hidden state. */
export function srn(model: Model, inputs: readonly (readonly number[])[]): Observable<SrnStep> {
  interface Accumulator extends SrnStep {
    readonly carried: State;
  }
  const hiddenOf = (state: State): number[] => [...state.values().next().value!.data];
  const carried = model.zeroState();
  const zero: Accumulator = { input: [], stateBefore: [], state: hiddenOf(carried), output: [], carried };
  return from(inputs).pipe(
    scan((before: Accumulator, input) => {
      const { output, state } = model.step(Float64Array.from(input), before.carried);
      return { input, stateBefore: before.state, state: hiddenOf(state), output: [...output.data], carried: state };
    }, zero),
  );
}

/** The lines that the article's programs print. */
export function srnLines(inputs: readonly (readonly number[])[], steps: readonly SrnStep[]): string[] {
  const tuple = (state: readonly number[], first: boolean): string =>
    first ? rowText(state) : `(${state.map(floatText).join(', ')})`;
  return [
    `inputs is  ${matrixText(inputs)}`,
    `state_t is  ${rowText(steps[0]!.stateBefore)}`,
    '--------------------------------------',
    ...steps.flatMap(({ input, stateBefore, output }, i) => [
      `inputs is  ${rowText(input)}`,
      `state_t is  ${tuple(stateBefore, i === 0)}`,
      `output_y is  ${output.map(floatText).join(' ')}`,
      '---------------',
    ]),
  ];
}

/** Weights under torch's names. */
export interface TorchWeights {
  readonly weightIh: readonly (readonly number[])[];
  readonly weightHh: readonly (readonly number[])[];
  readonly biasIh: readonly number[];
  readonly biasHh: readonly number[];
  readonly linearWeight: readonly (readonly number[])[];
  /** One number for both outputs, or one for each. */
  readonly linearBias: readonly number[];
  readonly nonlinearity: 'tanh' | 'relu';
}

/** System 3: runs the inputs step by step through `rnnCell`, and as one window through `rnn`. */
export function srnVariants(
  weights: TorchWeights,
  inputs: readonly (readonly number[])[],
  dtype: Dtype,
): { cell: SrnStep[]; layer: { states: Numbers; last: Numbers; outputs: Numbers } } {
  const { nonlinearity, linearWeight, linearBias } = weights;
  const sizes = { inputSize: inputs[0]!.length, hiddenSize: weights.weightHh.length, nonlinearity };
  const readout = linear({ inputSize: sizes.hiddenSize, outputSize: linearWeight.length });
  const bias = linearWeight.map((_, i) => linearBias[i] ?? linearBias[0]!);

  function makeModel(layers: Record<string, Layer>): Model {
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
  srn(makeModel({ cell: rnnCell(sizes), linear: readout }), inputs).subscribe((step) => cell.push(step));

  const features = dtype === 'float64' ? Float64Array : Float32Array;
  const window = { steps: inputs.length, lanes: 1, inputs: features.from(inputs.flat()), targets: new Int32Array(0) };
  const layer = {
    states: new features(0) as Numbers,
    last: new features(0) as Numbers,
    outputs: new features(0) as Numbers,
  };
  of(window)
    .pipe(unroll(makeModel({ rnn: rnn(sizes) })))
    .subscribe((unrolled) => {
      layer.states = outputs(unrolled).data;
      layer.last = hiddenState(unrolled).get('rnn.h')!.data;
    });
  of(window)
    .pipe(unroll(makeModel({ rnn: rnn(sizes), linear: readout })), map(outputs))
    .subscribe(({ data }) => (layer.outputs = data));
  return { cell, layer };
}
