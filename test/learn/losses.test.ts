import { map, of, type OperatorFunction, pipe } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embedding } from '../../src/layer/embedding.js';
import { linear } from '../../src/layer/linear.js';
import { rnn } from '../../src/layer/rnn.js';
import { absoluteError } from '../../src/learn/absoluteError.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { binaryCrossEntropy, type BinaryCrossEntropyOptions } from '../../src/learn/binaryCrossEntropy.js';
import { crossEntropy, type CrossEntropyOptions } from '../../src/learn/crossEntropy.js';
import { gaussianNll } from '../../src/learn/gaussianNll.js';
import { gradients } from '../../src/learn/gradients.js';
import { huber } from '../../src/learn/huber.js';
import { jointLoss } from '../../src/learn/jointLoss.js';
import { losses } from '../../src/learn/losses.js';
import { quantileLoss } from '../../src/learn/quantileLoss.js';
import { sgd } from '../../src/learn/sgd.js';
import { squaredError } from '../../src/learn/squaredError.js';
import type { Scored, Unrolled } from '../../src/learn/stages.js';
import { train } from '../../src/learn/train.js';
import { trainer } from '../../src/learn/trainer.js';
import type { WeightedLossOptions } from '../../src/learn/weighted.js';
import { unroll } from '../../src/learn/unroll.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import type { Dtype, Window } from '../../src/types.js';
import { first } from './first.js';
import { gradientCheck } from './gradientCheck.js';

// The figures of torch's losses are checked by test/goldens/goldens.test.ts; here is what no golden holds.

const STEPS = 4;
const LANES = 2;
const ROWS = STEPS * LANES;
const CLASSES = 5;

const random = seeded('losses');
const uniforms = (length: number): Float64Array => Float64Array.from({ length }, () => random.uniform());
const model = (dtype: Dtype = 'float64'): Model =>
  sequential(
    { rnn: rnn({ inputSize: CLASSES, hiddenSize: 6 }), linear: linear({ inputSize: 6, outputSize: CLASSES }) },
    { dtype, random: seeded('weights') },
  );

/** The same with so many outputs. */
const heads = (outputSize: number): Model =>
  sequential(
    { rnn: rnn({ inputSize: CLASSES, hiddenSize: 6 }), linear: linear({ inputSize: 6, outputSize }) },
    { dtype: 'float64', random: seeded('weights') },
  );

/** A model whose outputs are these numbers, a row for each step of one lane. */
function constant(rows: readonly (readonly number[])[], dtype: Dtype = 'float64'): Model {
  const it = sequential({ x: embedding({ inputSize: rows.length, outputSize: rows[0]!.length }) }, { dtype });
  it.weights.learned.set(rows.flat());
  return it;
}

const window = (targets: Window['targets'], more: Partial<Window> = {}): Window => ({
  steps: STEPS,
  lanes: LANES,
  inputs: Int32Array.of(0, 1, 2, 3, 4, 0, 1, 2),
  targets,
  ...more,
});
const column = (targets: Window['targets'], steps: number): Window => ({
  steps,
  lanes: 1,
  inputs: Int32Array.from({ length: steps }, (_, t) => t),
  targets,
});

/** A row of probabilities for each step of each lane. */
function distributions(): Float64Array {
  const all = uniforms(ROWS * CLASSES);
  for (let r = 0; r < ROWS; r++) {
    const row = all.subarray(r * CLASSES, (r + 1) * CLASSES);
    const sum = row.reduce((total, value) => total + value, 0);
    row.forEach((value, c) => (row[c] = value / sum));
  }
  return all;
}

const weight = [0.5, 2, 0, 1.5, 0.25];
const tokens = Int32Array.of(3, 1, -100, 4, 2, 0, 3, 3);
const mask = Uint8Array.of(1, 0, 1, 1, 1, 1, 0, 1);

const crossEntropies: [string, CrossEntropyOptions, Window][] = [
  ['tokens', {}, window(tokens)],
  ['an ignored index of its own', { ignoreIndex: 3 }, window(Int32Array.of(3, 1, 0, 4, 2, 0, 3, 3))],
  ['label smoothing', { labelSmoothing: 0.1 }, window(tokens)],
  ['labels smoothed away', { labelSmoothing: 1 }, window(tokens)],
  ['class weights', { weight }, window(tokens)],
  ['weights and smoothing', { weight, labelSmoothing: 0.3 }, window(tokens)],
  ['weights, smoothing, ignored tokens and padding', { weight, labelSmoothing: 0.3 }, window(tokens, { mask })],
  ['probabilities', {}, window(distributions())],
  ['smoothed probabilities, weights', { weight, labelSmoothing: 0.2 }, window(distributions())],
  ['probabilities and padding', { weight }, window(distributions(), { mask })],
];
for (const [name, options, given] of crossEntropies) {
  checked(`crossEntropy of ${name}`, given, (reduction) => crossEntropy({ ...options, reduction }));
}

const binary: [string, BinaryCrossEntropyOptions, Window][] = [
  ['shares', {}, window(uniforms(ROWS * CLASSES))],
  ['yes and no', {}, window(uniforms(ROWS * CLASSES).map(Math.round))],
  ['one weight of the positive', { posWeight: 2.5 }, window(uniforms(ROWS * CLASSES))],
  ['a weight for each output', { posWeight: weight }, window(uniforms(ROWS * CLASSES))],
  ['padding', { posWeight: weight }, window(uniforms(ROWS * CLASSES), { mask })],
];
for (const [name, options, given] of binary) {
  checked(`binaryCrossEntropy of ${name}`, given, (reduction) => binaryCrossEntropy({ ...options, reduction }));
}

checked('squaredError', window(uniforms(ROWS * CLASSES)), (reduction) => squaredError({ reduction }));
checked('squaredError and padding', window(uniforms(ROWS * CLASSES), { mask }), (reduction) =>
  squaredError({ reduction }),
);

for (const [how, more] of [
  ['', {}],
  [' and padding', { mask }],
] as const) {
  const given = window(uniforms(ROWS * CLASSES), more);
  checked(`absoluteError${how}`, given, (reduction) => absoluteError({ reduction }));
  checked(`huber${how}`, given, (reduction) => huber({ reduction, delta: 0.3 }));
  checked(`quantileLoss${how}`, window(uniforms(ROWS), more), (reduction) =>
    quantileLoss({ reduction, quantiles: [0.1, 0.3, 0.5, 0.7, 0.9] }),
  );
  checked(`squaredError, weights per output${how}`, given, (reduction) =>
    squaredError({ reduction, weight, meanOver: 'weight' }),
  );
  const each = uniforms(ROWS * CLASSES);
  for (const make of [absoluteError, huber, squaredError, binaryCrossEntropy]) {
    checked(`${make.name}, a weight per target${how}`, given, (reduction) => make({ reduction, weight: () => each }));
  }
}
for (const options of [{}, { eps: 0.9, full: true }, { weight: [0.5, 2], meanOver: 'weight' }] as const) {
  const wide = (): Model => heads(4);
  const given = window(uniforms(ROWS * 2), { mask });
  // eps in place of the variance makes the gradient at it another than that of the value, as torch has it
  if (options.eps === undefined) {
    checked(
      `gaussianNll ${JSON.stringify(options)}`,
      given,
      (reduction) => gaussianNll({ ...options, reduction }),
      wide,
    );
  }
}

/** The gradient of mean and sum against central differences, and the single losses against their sum. */
function checked(
  name: string,
  given: Window,
  make: (reduction: 'mean' | 'sum') => OperatorFunction<Unrolled, Scored>,
  build: () => Model = model,
): void {
  const sum = (scored: Scored): number => [...losses(scored).data].reduce((total, loss) => total + loss, 0);
  test(`${name}: the gradient of the mean`, () => {
    const it = build();
    gradientCheck(
      it,
      given,
      () => make('mean'),
      ({ loss }) => loss,
      it.zeroState(LANES),
    );
  });
  test(`${name}: the gradient of the sum of the single losses`, () => {
    const it = build();
    // `gradientCheck` reads the objective once the stream has ended: the single losses are still the window's own
    gradientCheck(it, given, () => make('sum'), sum, it.zeroState(LANES));
  });
}

test('no option is the same as each option at its default, to the bit', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const run = (options?: CrossEntropyOptions): unknown[] => {
      const it = model(dtype);
      return first(of(window(tokens)).pipe(unroll(it), crossEntropy(options), backpropagate(it)), (event) => [
        event.loss,
        event.gradientNorm,
        ...gradients(event).get('linear.bias')!.data,
      ]);
    };
    assert.equal(run({ ignoreIndex: -100, labelSmoothing: 0, reduction: 'mean' }), run());
  }
});

test('crossEntropy gives the figures of the definition', () => {
  // softmax of [0, ln 3] is [1/4, 3/4]; losses ln 4 and ln 4/3
  const it = constant([
    [0, Math.log(3)],
    [0, Math.log(3)],
  ]);
  const score = (options: CrossEntropyOptions, targets: Window['targets']): [number, number, number[]] =>
    first(of(column(targets, 2)).pipe(unroll(it), crossEntropy(options)), (event) => [
      event.loss,
      event.count,
      [...losses(event).data],
    ]);
  const [a, b] = [Math.log(4), Math.log(4 / 3)];
  near(score({}, Int32Array.of(0, 1)), [(a + b) / 2, 2, [a, b]]);
  near(score({}, Int32Array.of(0, -100)), [a, 1, [a, 0]]);
  near(score({ ignoreIndex: 0 }, Int32Array.of(0, 1)), [b, 1, [0, b]]);
  near(score({ weight: [3, 1] }, Int32Array.of(0, 1)), [(3 * a + b) / 4, 2, [3 * a, b]]);
  near(score({ labelSmoothing: 0.5 }, Int32Array.of(0, 1)), [
    (a + b) / 2,
    2,
    [0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b],
  ]);
  near(score({}, Float64Array.of(0.5, 0.5, 0, 1)), [((a + b) / 2 + b) / 2, 2, [(a + b) / 2, b]]);
  // torch divides by the rows where targets are probabilities, whatever the classes weigh
  near(score({ weight: [3, 1] }, Float64Array.of(1, 0, 0, 1)), [(3 * a + b) / 2, 2, [3 * a, b]]);
});

test('binaryCrossEntropy stays finite and exact at logits of any size', () => {
  const it = constant([[800, -800, 0, -40]]);
  const score = (targets: number[], posWeight = 1): unknown[] =>
    first(of(column(Float64Array.from(targets), 1)).pipe(unroll(it), binaryCrossEntropy({ posWeight })), (event) => [
      [...losses(event).data],
      [...event.tape.outputGradient].map((value) => value * 4),
    ]);
  const tiny = 4.248354255291589e-18; // e^−40; beside 1 it would be lost
  near(score([1, 0, 1, 0]), [
    [0, 0, Math.LN2, tiny],
    [0, 0, -0.5, tiny],
  ]);
  near(score([0, 1, 0, 1]), [
    [800, 800, Math.LN2, 40],
    [1, -1, 0.5, -1],
  ]);
  near(score([0, 1, 1, 1], 3), [
    [800, 2400, 3 * Math.LN2, 120],
    [1, -3, -1.5, -3],
  ]);
});

test('the losses of numbers give the figures of their definitions', () => {
  const it = constant([[1, -2]]);
  const score = (loss: OperatorFunction<Unrolled, Scored>, ...targets: number[]): unknown[] =>
    first(of(column(Float64Array.from(targets), 1)).pipe(unroll(it), loss), (event) => [
      event.loss,
      event.count,
      [...losses(event).data],
      [...event.tape.outputGradient.subarray(0, 2)],
    ]);
  near(score(absoluteError({ reduction: 'sum' }), 4, -2), [1.5, 2, [3, 0], [-1, 0]]);
  near(score(huber({ reduction: 'sum', delta: 2 }), 4, -1), [(4 + 0.5) / 2, 2, [4, 0.5], [-2, -1]]);
  near(score(quantileLoss({ reduction: 'sum', quantiles: [0.25, 0.5] }), 0), [
    (0.75 + 1) / 2,
    2,
    [0.75, 1],
    [0.75, -0.5],
  ]);
  near(score(quantileLoss({ reduction: 'sum', quantiles: [0.25, 0.5] }), 1), [1.5 / 2, 2, [0, 1.5], [0.25, -0.5]]);
  const v = Math.exp(-2);
  near(score(gaussianNll({ reduction: 'sum' }), 3), [2 / v - 1, 1, [2 / v - 1], [-2 / v, 0.5 * (1 - 4 / v)]]);
  near(score(gaussianNll({ full: true, eps: 4 }), 3)[0], 0.5 * (Math.log(4) + 1 + Math.log(2 * Math.PI)));
});

test('weights multiply losses and gradients; the mean is over the targets, or over the weights', () => {
  const it = constant([[1, -2]]);
  const target = column(Float64Array.of(0, 0), 1);
  const score = (options: WeightedLossOptions): unknown[] =>
    first(of(target).pipe(unroll(it), squaredError(options)), (event) => [
      event.loss,
      event.count,
      [...losses(event).data],
      [...event.tape.outputGradient.subarray(0, 2)],
    ]);
  near(score({ weight: [3, 0.5] }), [2.5, 2, [3, 2], [3, -1]]);
  near(score({ weight: () => [3, 0.5], meanOver: 'weight' }), [5 / 3.5, 2, [3, 2], [6 / 3.5, -2 / 3.5]]);
  near(score({ weight: [0, 0], meanOver: 'weight' }), [0, 2, [0, 0], [0, 0]]);
});

test('what weighs nothing may hold anything', () => {
  for (const [loss, heads] of [
    [absoluteError, 1],
    [binaryCrossEntropy, 1],
    [huber, 1],
    [squaredError, 1],
    [gaussianNll, 2],
    [(options: WeightedLossOptions) => quantileLoss({ ...options, quantiles: [0.1, 0.9] }), 2],
  ] as const) {
    const it = constant([[1, -2, 1, -2].slice(0, 2 * heads)]);
    const given = column(Float64Array.of(NaN, 0), 1);
    for (const weight of [[0, 1], () => [0, 1]]) {
      const seen = first(of(given).pipe(unroll(it), loss({ weight })), (event) => [
        Number.isFinite(event.loss),
        event.tape.outputGradient[0],
        event.tape.outputGradient[2 * (heads - 1)],
      ]);
      assert.equal(seen, [true, 0, 0]);
    }
  }
});

test('a window in which nothing counts or weighs has no loss and no gradient', () => {
  for (const [options, targets] of [
    [{}, new Int32Array(ROWS).fill(-100)],
    [{ weight, labelSmoothing: 0.1 }, new Int32Array(ROWS).fill(2)],
  ] as const) {
    const it = model();
    const { loss, gradientNorm } = first(
      of(window(targets)).pipe(unroll(it), crossEntropy(options), backpropagate(it)),
    );
    assert.equal([loss, gradientNorm], [0, 0]);
  }
});

test('an ignored target leaves the loss and the gradient that padding leaves', () => {
  const run = (given: Window): unknown[] => {
    const it = model();
    return first(
      of(given).pipe(unroll(it), crossEntropy({ weight, labelSmoothing: 0.1 }), backpropagate(it)),
      (event) => [event.loss, event.count, ...losses(event).data, ...gradients(event).get('linear.weight')!.data],
    );
  };
  const after = Uint8Array.of(1, 1, 1, 1, 1, 0, 0, 0); // the rnn passes over padding, so nothing real may follow it
  const ignored = tokens.map((token, r) => (after[r] === 0 ? -100 : token));
  assert.equal(run(window(ignored)), run(window(tokens, { mask: after })));
});

test('outputs behind padding may be anything', () => {
  const it = constant([
    [NaN, Infinity],
    [0, 0],
  ]);
  const padded = { ...column(Float64Array.of(NaN, 7, 0.5, 0.5), 2), mask: Uint8Array.of(0, 1) };
  for (const loss of [crossEntropy, binaryCrossEntropy, squaredError]) {
    const seen = first(of(padded).pipe(unroll(it), loss()), (event) => [
      event.loss,
      ...event.tape.outputGradient.subarray(0, 2),
    ]);
    near(seen, [loss === squaredError ? 0.25 : Math.LN2, 0, 0]);
  }
});

test('training counts the targets that count', () => {
  const it = model();
  const { tokens: learned, loss } = first(of(window(tokens)).pipe(train(it, { optimizer: sgd({ learningRate: 0 }) })));
  const each = first(of(window(tokens)).pipe(unroll(it), crossEntropy()), (event) => [...losses(event).data]);
  assert.is(learned, 7);
  near(loss, each.reduce((sum, value) => sum + value, 0) / 7);
});

test('losses are shaped as the targets are, and copies', () => {
  const it = model('float32');
  const [a, b] = [crossEntropy(), squaredError()].map((loss, i) =>
    first(of(window(i === 0 ? tokens : uniforms(ROWS * CLASSES))).pipe(unroll(it), loss), (event) => {
      const copy = losses(event);
      event.losses!.fill(9);
      return copy;
    }),
  );
  assert.equal(
    [a!.shape, a!.data.length, b!.shape, b!.data.length],
    [[STEPS, LANES, 1], 8, [STEPS, LANES, CLASSES], 40],
  );
  assert.ok(a!.data instanceof Float32Array && a!.data[2] === 0 && a!.data[0]! > 0 && a!.data[0]! < 9);
});

test('losses keep to their window: shorter ones, longer ones, after backpropagate', () => {
  const it = model();
  const each: number[][] = [];
  const run = (...lengths: number[]): number[][] => {
    each.length = 0;
    const lanes1 = lengths.map((steps) => ({ ...column(new Int32Array(steps), steps), inputs: new Int32Array(steps) }));
    of(...lanes1)
      .pipe(unroll(it), crossEntropy(), backpropagate(it), map(losses))
      .subscribe(({ data }) => each.push([...data]));
    return each.map((row) => row.slice());
  };
  const ragged = run(2, 1, 5, 3);
  assert.equal(
    ragged.map((row) => row.length),
    [2, 1, 5, 3],
  );
  assert.equal(ragged.flat(), run(11).flat());
});

test('losses refuses a handle whose numbers were overwritten and one without any', () => {
  const it = model();
  const events: Scored[] = [];
  of(window(tokens), window(tokens))
    .pipe(unroll(it), crossEntropy())
    .subscribe((event) => events.push(event));
  assert.throws(() => losses(events[0]!), /losses: a later window has overwritten this one's numbers/);
  const { losses: _, ...bare } = events[1]!;
  assert.throws(
    () => losses(bare),
    /losses: the operator that scored this window does not keep the loss of each target/,
  );
});

const refused: [() => unknown, string][] = [
  [() => crossEntropy({ labelSmoothing: 2 }), 'crossEntropy: labelSmoothing must be in [0, 1], got 2'],
  [() => crossEntropy({ labelSmoothing: NaN }), 'crossEntropy: labelSmoothing must be in [0, 1], got NaN'],
  [() => crossEntropy({ ignoreIndex: 0.5 }), 'crossEntropy: ignoreIndex must be an integer, got 0.5'],
  [() => crossEntropy({ weight: [1, -1] }), 'crossEntropy: weight must be numbers from 0 up, got -1'],
  [() => crossEntropy({ weight: [Infinity] }), 'crossEntropy: weight must be numbers from 0 up, got Infinity'],
  [() => crossEntropy({ weight: [0, 0] }), 'crossEntropy: weight needs a number above 0, or nothing is learned'],
  [() => crossEntropy({ reduction: 'none' as 'sum' }), 'crossEntropy: reduction must be mean or sum, got "none"'],
  [() => binaryCrossEntropy({ posWeight: -1 }), 'binaryCrossEntropy: posWeight must be numbers from 0 up, got -1'],
  [
    () => binaryCrossEntropy({ posWeight: [1, NaN] }),
    'binaryCrossEntropy: posWeight must be numbers from 0 up, got NaN',
  ],
  [() => huber({ delta: 0 }), 'huber: delta must be a positive number, got 0'],
  [() => gaussianNll({ eps: 0 }), 'gaussianNll: eps must be a positive number, got 0'],
  [
    () => quantileLoss({ quantiles: [0.5, 1] }),
    'quantileLoss: quantiles must be ascending numbers between 0 and 1, at least one, got [0.5,1]',
  ],
  [
    () => quantileLoss({ quantiles: [0.9, 0.1] }),
    'quantileLoss: quantiles must be ascending numbers between 0 and 1, at least one, got [0.9,0.1]',
  ],
  [
    () => quantileLoss({ quantiles: [0.5, 0.5] }),
    'quantileLoss: quantiles must be ascending numbers between 0 and 1, at least one, got [0.5,0.5]',
  ],
  [
    () => quantileLoss({ quantiles: [] }),
    'quantileLoss: quantiles must be ascending numbers between 0 and 1, at least one, got []',
  ],
  [() => absoluteError({ weight: [-1] }), 'absoluteError: weight must be numbers from 0 up, got -1'],
  [() => squaredError({ meanOver: 'all' as 'count' }), 'squaredError: meanOver must be count or weight, got "all"'],
];
for (const [make, message] of refused) {
  test(`refused: ${message}`, () => {
    assert.throws(make, (error: unknown) => error instanceof RangeError && error.message === message);
  });
}

const numbers = new Float64Array(ROWS * CLASSES);
const ADVICE = 'cross-entropy is for classes: targets that are measured need a loss of numbers, such as squaredError()';
const refusedInAWindow: [OperatorFunction<Unrolled, Scored>, Window, string][] = [
  [crossEntropy({ weight: [1, 2] }), window(tokens), 'crossEntropy: weight needs 5 numbers, got 2'],
  [crossEntropy({ ignoreIndex: 0 }), window(tokens), 'crossEntropy: target -100 is outside the vocabulary of 5'],
  [
    crossEntropy(),
    window(new Float64Array(ROWS)),
    'crossEntropy: targets must be tokens (Int32Array) or 40 probabilities, got 8 numbers',
  ],
  [
    crossEntropy(),
    window(numbers.map(() => 1.5)),
    `crossEntropy: targets must be in [0, 1], got 1.5 as target 0 (step 0, lane 0, number 0); ${ADVICE}`,
  ],
  [
    crossEntropy(),
    window(numbers.map(() => NaN)),
    `crossEntropy: targets must be in [0, 1], got NaN as target 0 (step 0, lane 0, number 0); ${ADVICE}`,
  ],
  [
    crossEntropy(),
    window(numbers.map((_, i) => (i < CLASSES ? 1 / CLASSES : 0.25))),
    `crossEntropy: the probabilities of a target must sum to 1, got 1.25 (step 0, lane 1); ${ADVICE}, ` +
      'or binaryCrossEntropy() for classes that do not exclude each other',
  ],
  [gaussianNll(), window(numbers), 'gaussianNll: needs a mean and a log-variance per target, the model has 5 outputs'],
  [
    quantileLoss({ quantiles: [0.1, 0.9] }),
    window(numbers),
    'quantileLoss: 2 quantiles need a multiple of 2 outputs, the model has 5',
  ],
  [absoluteError(), window(new Float64Array(3)), 'absoluteError: needs 40 targets, got 3'],
  [
    binaryCrossEntropy({ weight: [0, 1, 1, 1, 1] }),
    window(numbers.map(() => 2)),
    'binaryCrossEntropy: targets must be in [0, 1], got 2 as target 1 (step 0, lane 0, number 1)',
  ],
  [huber({ weight: [1] }), window(numbers), 'huber: weight needs 5 numbers, one per target of a step, got 1'],
  [huber({ weight: () => [1] }), window(numbers), 'huber: weight must give 40 numbers, got 1'],
  [
    squaredError({ weight: () => numbers.map(() => NaN) }),
    window(numbers),
    'squaredError: weight must be numbers from 0 up, got NaN',
  ],
  [binaryCrossEntropy({ posWeight: [1, 2] }), window(numbers), 'binaryCrossEntropy: posWeight needs 5 numbers, got 2'],
  [binaryCrossEntropy(), window(tokens), 'binaryCrossEntropy: targets must be numbers, got tokens'],
  [binaryCrossEntropy(), window(new Float64Array(8)), 'binaryCrossEntropy: needs 40 targets, got 8'],
  [
    binaryCrossEntropy(),
    window(numbers.map(() => -0.1)),
    'binaryCrossEntropy: targets must be in [0, 1], got -0.1 as target 0 (step 0, lane 0, number 0)',
  ],
  [squaredError(), window(tokens), 'squaredError: targets must be numbers, got tokens'],
  [squaredError(), window(numbers, { mask: new Uint8Array(3) }), 'unroll: mask needs 8 flags, got 3'],
];
for (const [loss, given, message] of refusedInAWindow) {
  test(`refused in a window: ${message}`, () => {
    const errors: string[] = [];
    of(given)
      .pipe(unroll(model()), loss)
      .subscribe({ error: (error: Error) => errors.push(error.message) });
    assert.equal(errors, [message]);
  });
}

test('crossEntropy takes distributions that were rounded, as thirds to 0.33 are', () => {
  const fifths = numbers.map((_, i) => [0.33, 0.33, 0.33, 0, 0][i % CLASSES]!);
  const scored = first(of(window(fifths)).pipe(unroll(model()), crossEntropy()), ({ loss }) => loss);
  assert.ok(scored > 0);
});

test('numbers for a single output are refused wherever cross-entropy is the loss, since nothing would be learned', () => {
  const one = sequential({ linear: linear({ inputSize: 1, outputSize: 1 }) });
  const given: Window = { steps: 2, lanes: 1, inputs: Float64Array.of(0.3, 0.9), targets: Float64Array.of(0.9, 0.4) };
  const optimizer = sgd({ learningRate: 0.1 });
  const ways: Readonly<Record<string, OperatorFunction<Window, unknown>>> = {
    train: train(one, { optimizer }),
    trainer: trainer(one, { optimizer }).learn,
    'unroll, crossEntropy': pipe(unroll(one), crossEntropy()),
    'smoothed and weighted': pipe(unroll(one), crossEntropy({ labelSmoothing: 0.1, weight: [2] })),
    jointLoss: pipe(unroll(one), jointLoss({ head: { outputs: 1, loss: crossEntropy() } })),
  };
  for (const [way, operator] of Object.entries(ways)) {
    const errors: string[] = [];
    of(given)
      .pipe(operator)
      .subscribe({ error: ({ message }: Error) => errors.push(message) });
    assert.equal(
      errors,
      [
        'crossEntropy: the targets are numbers and the model has one output, whose softmax is 1 whatever it learns; ' +
          `${ADVICE}, or binaryCrossEntropy() for one probability`,
      ],
      way,
    );
  }
});

test.run();

/** Nested numbers alike to 1e-15 of themselves, or of 1 where they are 0. */
function near(actual: unknown, expected: unknown): void {
  const [got, wanted] = [[actual].flat(3) as number[], [expected].flat(3) as number[]];
  assert.is(got.length, wanted.length);
  for (const [i, value] of wanted.entries()) {
    assert.ok(Math.abs(got[i]! - value) <= 1e-15 * Math.abs(value || 1), `[${i}]: ${got[i]}, not ${value}`);
  }
}
