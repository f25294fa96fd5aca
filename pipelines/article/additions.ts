// The article's binary addition (system 4): a network that reads two numbers bit by bit, lowest bit first, and learns to
// write their sum, carrying in its hidden state.
import { defer, map, type Observable, tap } from 'rxjs';
import {
  activation,
  backpropagate,
  type Demand,
  linear,
  loadStateDict,
  type Model,
  optimize,
  outputs,
  pull,
  type Random,
  rnn,
  sequential,
  sgd,
  squaredError,
  unroll,
  type Window,
} from '../../src/index.js';
import { rowText } from './numpyText.js';

export interface Addition {
  readonly iteration: number;
  readonly a: number;
  readonly b: number;
  /** Sum of |expected − output| over the bits. */
  readonly error: number;
  /** Bits, highest first, as the network rounds its outputs. */
  readonly predicted: readonly number[];
  readonly expected: readonly number[];
  /** The number that `predicted` spells. */
  readonly sum: number;
}

/** Weights uniform in [−1, 1), drawn in the article's order: input to hidden, hidden to output, hidden to hidden. */
export function additionModel(hidden: number, random: Random): Model {
  const model = sequential(
    {
      rnn: rnn({ inputSize: 2, hiddenSize: hidden, nonlinearity: 'sigmoid', bias: false }),
      linear: linear({ inputSize: hidden, outputSize: 1, bias: false }),
      output: activation({ size: 1, nonlinearity: 'sigmoid' }),
    },
    { dtype: 'float64' },
  );
  /** NumPy keeps a matrix as inputs × outputs, a layer as outputs × inputs. */
  function drawn(inputs: number, units: number) {
    const data = new Float64Array(inputs * units);
    for (let i = 0; i < inputs; i++) for (let n = 0; n < units; n++) data[n * inputs + i] = random.uniform(-1, 1);
    return { shape: [units, inputs], data };
  }
  const parameters = {
    'rnn.weight_ih_l0': drawn(2, hidden),
    'linear.weight': drawn(hidden, 1),
    'rnn.weight_hh_l0': drawn(hidden, hidden),
  };
  loadStateDict(model, new Map(Object.entries(parameters)));
  return model;
}

export interface AdditionOptions {
  readonly random: Random;
  readonly bits: number;
  readonly learningRate: number;
  /** How sums are pulled; all at once without it. */
  readonly demand?: Demand;
}

/** Sums without end, each learned after it was tried. */
export function additions(model: Model, { random, bits, learningRate, demand }: AdditionOptions): Observable<Addition> {
  return defer(() => {
    let problem: Problem;
    let answer: ArrayLike<number>;
    return pull(problems(random, bits), demand).pipe(
      tap((next) => (problem = next)),
      map((next) => next.window),
      unroll(model),
      tap((unrolled) => (answer = outputs(unrolled).data)),
      squaredError({ reduction: 'sum' }),
      backpropagate(model),
      optimize(model, sgd({ learningRate: learningRate / 2 })), // the article descends ½ e², whose slope is half that of e²
      map(({ step }) => marked(step - 1, problem, answer)),
    );
  });
}

interface Problem {
  readonly a: number;
  readonly b: number;
  readonly window: Window;
}

function* problems(random: Random, bits: number): Generator<Problem> {
  for (;;) {
    const a = random.integer(2 ** (bits - 1)); // below half of the range, so that the sum fits
    const b = random.integer(2 ** (bits - 1));
    yield { a, b, window: additionWindow([[a, b]], bits) };
  }
}

/** Pairs side by side, one a lane, from the lowest bit up. */
export function additionWindow(pairs: readonly (readonly [number, number])[], bits: number): Window {
  const lanes = pairs.length;
  const inputs = new Float64Array(bits * lanes * 2);
  const targets = new Float64Array(bits * lanes);
  for (const [lane, [a, b]] of pairs.entries()) {
    for (let t = 0; t < bits; t++) {
      inputs[(t * lanes + lane) * 2] = bit(a, t);
      inputs[(t * lanes + lane) * 2 + 1] = bit(b, t);
      targets[t * lanes + lane] = bit(a + b, t);
    }
  }
  return { steps: bits, lanes, inputs, targets, resets: new Uint8Array(lanes).fill(1) };
}

function bit(number: number, position: number): number {
  return Math.floor(number / 2 ** position) % 2;
}

function marked(iteration: number, { a, b, window }: Problem, answer: ArrayLike<number>): Addition {
  const expected = [...window.targets].toReversed();
  const predicted = Array.from(answer, (y) => (y > 0.5 ? 1 : 0)).toReversed();
  const error = Array.from(window.targets).reduce((sum, target, t) => sum + Math.abs(target - answer[t]!), 0);
  const sum = predicted.reduce<number>((value, digit) => value * 2 + digit, 0);
  return { iteration, a, b, error, predicted, expected, sum };
}

/** What the article's program prints of an iteration. */
export function additionLines({ a, b, error, predicted, expected, sum }: Addition): string[] {
  return [
    `Error:${rowText([error])}`,
    `Pred:[${predicted.join(' ')}]`,
    `True:[${expected.join(' ')}]`,
    `${a} + ${b} = ${sum}`,
    '------------',
  ];
}
