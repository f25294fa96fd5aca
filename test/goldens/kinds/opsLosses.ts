import { map, of, type OperatorFunction } from 'rxjs';
import {
  type Activation,
  activation,
  backpropagate,
  binaryCrossEntropy,
  crossEntropy,
  type Dtype,
  embedding,
  gradients,
  losses,
  type Model,
  outputs,
  type Scored,
  sequential,
  squaredError,
  type Unrolled,
  unroll,
  type Window,
} from '../../../src/index.js';
import type { Check, Golden } from '../checkGolden.js';

const AGREEMENT = { float64: { relative: 1e-12, absolute: 1e-12 }, float32: { relative: 1e-6, absolute: 1e-6 } };

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  softmax: 'softmax',
  log_softmax: 'logSoftmax',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  relu: 'relu',
};

/**
 * torch's losses and activations. The inputs are the rows of an embedding, one for each step of each lane: a window
 * runs forward and back through the pipeline's own stages, and the gradient of those rows is that at the inputs.
 */
export const opsLosses: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    const check = Object.hasOwn(ACTIVATIONS, golden.op) ? checkActivation : checkLoss;
    for (const dtype of ['float64', 'float32'] as const) {
      const figures = golden[dtype === 'float64' ? 'f64' : 'f32'];
      const { value, gradient, expected } = check(golden, figures, dtype);
      compare.close(`${golden.id} ${dtype} value`, value, figures.value.data, AGREEMENT[dtype]);
      compare.close(`${golden.id} ${dtype} gradient`, gradient, expected.data, AGREEMENT[dtype]);
    }
  }
};

interface Outcome {
  readonly value: readonly number[];
  readonly gradient: readonly number[];
  readonly expected: { readonly data: readonly number[] };
}

/** The value under each reduction, and the gradient of the mean or, for `sum` and `none`, of the sum. */
function checkLoss({ op, options, x, target }: Golden, figures: Golden, dtype: Dtype): Outcome {
  const { reduction = 'mean', target: kind, ...rest } = options;
  const classes = op === 'cross_entropy';
  const layout = layoutOf(x.shape, classes);
  const operator = loss(op, rest, reduction === 'mean' ? 'mean' : 'sum', layout.width);
  const tokens = classes && kind !== 'class probabilities';
  const targets = tokens
    ? Int32Array.from(layout.rows.map((row) => (target.data ?? target).flat(Infinity)[row]))
    : Float64Array.from(layout.numbers.map((place) => target.data[place]));
  const { result, gradient } = run({ x: x.data, layout, targets, dtype }, operator, (event) => {
    const each = [...losses(event).data];
    const mean = [event.loss];
    const sum = [each.reduce((total, value) => total + value, 0)];
    const none = inFileOrder(each, classes ? layout.rows : layout.numbers);
    return { mean, sum, none };
  });
  const value = result[reduction as keyof typeof result];
  if (!value) throw new Error(`unknown reduction ${reduction}`);
  return { value, gradient, expected: figures.grad_x_with_upstream_ones };
}

function checkActivation({ op, options, x, grad_y: upstream }: Golden, figures: Golden, dtype: Dtype): Outcome {
  const { axis = -1, ...left } = options;
  if (Object.keys(left).length > 0) throw new Error(`${op}: unknown options ${Object.keys(left).join(', ')}`);
  if (axis !== -1 && axis !== x.shape.length - 1)
    throw new Error(`${op}: axis ${axis} of [${x.shape}] is not the last`);
  const layout = layoutOf(x.shape, false);
  const given = map((unrolled: Unrolled): Scored => {
    unrolled.tape.outputGradient.set(upstream.data);
    return { ...unrolled, loss: 0, count: layout.rows.length };
  });
  const { result, gradient } = run(
    { x: x.data, layout, targets: new Float64Array(0), dtype, nonlinearity: ACTIVATIONS[op]! },
    given,
    (event) => [...outputs(event).data],
  );
  return { value: result, gradient, expected: figures.grad_x };
}

/** Makes a loss from torch's name and options. */
function loss(
  op: string,
  options: Golden,
  reduction: 'mean' | 'sum',
  width: number,
): OperatorFunction<Unrolled, Scored> {
  const { ignore_index, label_smoothing, weight, pos_weight, ...left } = options;
  const given = Object.entries({
    ignoreIndex: ignore_index,
    labelSmoothing: label_smoothing,
    weight: weight?.data ?? weight,
    posWeight: broadcast(pos_weight?.data ?? pos_weight, width),
  }).filter(([, value]) => value !== undefined);
  const takes: Record<string, string[]> = {
    cross_entropy: ['ignoreIndex', 'labelSmoothing', 'weight'],
    bce_with_logits: ['posWeight'],
    mse: [],
  };
  if (!takes[op]) throw new Error(`unknown op ${op}`);
  const unknown = [...Object.keys(left), ...given.map(([name]) => name).filter((name) => !takes[op]!.includes(name))];
  if (unknown.length > 0) throw new Error(`${op}: unknown options ${unknown.join(', ')}`);
  const all = { reduction, ...Object.fromEntries(given) };
  if (op === 'cross_entropy') return crossEntropy(all);
  return op === 'mse' ? squaredError(all) : binaryCrossEntropy(all);
}

function broadcast(weights: number[] | undefined, width: number): number | number[] | undefined {
  return weights?.length === 1 && width > 1 ? weights[0] : weights;
}

/** Maps a window's numbers to their places in the file: `numbers` for the inputs, `rows` one for each step and lane. */
interface Layout {
  readonly steps: number;
  readonly lanes: number;
  readonly width: number;
  readonly rows: readonly number[];
  readonly numbers: readonly number[];
}

/** `(N, C, T)` of a cross-entropy: T steps of N lanes; all else: the last axis of the shape is a step's width. */
function layoutOf(shape: readonly number[], classes: boolean): Layout {
  const product = (sides: readonly number[]): number => sides.reduce((size, side) => size * side, 1);
  const classAxis = classes && shape.length > 1 ? 1 : shape.length - 1;
  const lanes = product(shape.slice(0, classAxis));
  const width = shape[classAxis]!;
  const steps = product(shape.slice(classAxis + 1));
  const rows: number[] = [];
  const numbers: number[] = [];
  for (let t = 0; t < steps; t++) {
    for (let n = 0; n < lanes; n++) {
      rows.push(n * steps + t);
      for (let c = 0; c < width; c++) numbers.push((n * width + c) * steps + t);
    }
  }
  return { steps, lanes, width, rows, numbers };
}

function inFileOrder(numbers: ArrayLike<number>, places: readonly number[]): number[] {
  const ordered = Array.from({ length: numbers.length }, () => NaN);
  places.forEach((place, i) => (ordered[place] = numbers[i]!));
  return ordered;
}

interface Run {
  readonly x: readonly number[];
  readonly layout: Layout;
  readonly targets: Window['targets'];
  readonly dtype: Dtype;
  readonly nonlinearity?: Activation;
}

/** Runs one window forward and back: the result of `read`, and the gradient at the inputs in the file's order. */
function run<R>(
  { x, layout, targets, dtype, nonlinearity }: Run,
  loss: OperatorFunction<Unrolled, Scored>,
  read: (scored: Scored) => R,
): { result: R; gradient: number[] } {
  const { steps, lanes, width, rows, numbers } = layout;
  const model: Model = sequential(
    {
      x: embedding({ inputSize: rows.length, outputSize: width }),
      ...(nonlinearity && { y: activation({ size: width, nonlinearity }) }),
    },
    { dtype },
  );
  model.weights.learned.set(numbers.map((place) => x[place]!));
  const window: Window = { steps, lanes, inputs: Int32Array.from(rows.keys()), targets };
  const seen: { result: R; gradient: number[] }[] = [];
  of(window)
    .pipe(unroll(model), loss, backpropagate(model))
    .subscribe((event) => {
      const gradient = inFileOrder(gradients(event).get('x.weight')!.data, numbers);
      seen.push({ result: read(event), gradient });
    });
  return seen[0]!;
}
