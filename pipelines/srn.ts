// The article's simple recurrent network, step by step (systems 1 and 2): two inputs, two hidden units, two outputs,
// all weights one, first linear and then with tanh. Time unrolling is `scan` over the model's step.
import { from, type Observable, scan } from 'rxjs';
import { linear, loadStateDict, type Model, rnn, sequential, type State } from '../src/index.js';
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
      const hidden = [...state.get('rnn.h')!.data];
      return { input, stateBefore: before.state, state: hidden, output: [...output.data], carried: state };
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

const ONES: SrnWeights = { w: Array<number>(8).fill(1), u: Array<number>(4).fill(1) };
const INPUTS = [
  [1, 1],
  [1, 1],
  [2, 2],
];

await command(import.meta.url, {
  about: 'The simple recurrent network of the article, linear and with tanh, printed step by step.',
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
  },
});
