// The article's binary addition (system 4): a network reads two numbers bit by bit, lowest bit first, and learns to write
// their sum, keeping the carry in its hidden state.
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

/** One sum, tried and then learned. */
export interface Addition {
  readonly iteration: number;
  readonly a: number;
  readonly b: number;
  /** Sum of |expected − output| over the bits. */
  readonly error: number;
  /** The network's outputs rounded to bits, highest first. */
  readonly predicted: readonly number[];
  readonly expected: readonly number[];
  /** The number that `predicted` spells. */
  readonly sum: number;
}

/** Makes the network; its weights are uniform in [−1, 1), drawn in the article's order: input, output, hidden. */
export function additionModel(hidden: number, random: Random): Model {
  const model = sequential(
    {
      rnn: rnn({ inputSize: 2, hiddenSize: hidden, nonlinearity: 'sigmoid', bias: false }),
      linear: linear({ inputSize: hidden, outputSize: 1, bias: false }),
      output: activation({ size: 1, nonlinearity: 'sigmoid' }),
    },
    { dtype: 'float64' },
  );
  /** Draws in NumPy's order, inputs × outputs, and stores as a layer does, outputs × inputs. */
  function draw(inputs: number, units: number) {
    const data = new Float64Array(inputs * units);
    for (let i = 0; i < inputs; i++) for (let n = 0; n < units; n++) data[n * inputs + i] = random.uniform(-1, 1);
    return { shape: [units, inputs], data };
  }
  const parameters = {
    'rnn.weight_ih_l0': draw(2, hidden),
    'linear.weight': draw(hidden, 1),
    'rnn.weight_hh_l0': draw(hidden, hidden),
  };
  loadStateDict(model, new Map(Object.entries(parameters)));
  return model;
}

/** How sums are made and learned. */
export interface AdditionOptions {
  readonly random: Random;
  readonly bits: number;
  readonly learningRate: number;
  /** Demand for sums; without it they are made as fast as they are learned. */
  readonly demand?: Demand;
}

/** Tries sums without end, and learns each after trying it. */
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
      optimize(model, sgd({ learningRate: learningRate / 2 })), // the article minimizes ½ e², whose gradient is half that of e²
      map(({ step }) => grade(step - 1, problem, answer)),
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

/** Makes a window of pairs of numbers, one pair per lane, lowest bit first. */
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

/** Compares the network's answer with the sum. */
function grade(iteration: number, { a, b, window }: Problem, answer: ArrayLike<number>): Addition {
  const expected = [...window.targets].toReversed();
  const predicted = Array.from(answer, (y) => (y > 0.5 ? 1 : 0)).toReversed();
  const error = Array.from(window.targets).reduce((sum, target, t) => sum + Math.abs(target - answer[t]!), 0);
  const sum = predicted.reduce<number>((value, digit) => value * 2 + digit, 0);
  return { iteration, a, b, error, predicted, expected, sum };
}

/** The lines that the article's program prints for an iteration. */
export function additionLines({ a, b, error, predicted, expected, sum }: Addition): string[] {
  return [
    `Error:${rowText([error])}`,
    `Pred:[${predicted.join(' ')}]`,
    `True:[${expected.join(' ')}]`,
    `${a} + ${b} = ${sum}`,
    '------------',
  ];
}
