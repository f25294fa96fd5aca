import { lastValueFrom, map, type MonoTypeOperatorFunction, of, type OperatorFunction, pipe, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adaptiveSoftmax } from '../../src/layer/adaptiveSoftmax.js';
import { embedding } from '../../src/layer/embedding.js';
import { linear } from '../../src/layer/linear.js';
import { rnn } from '../../src/layer/rnn.js';
import { accuracy } from '../../src/learn/accuracy.js';
import { adaptiveCrossEntropy } from '../../src/learn/adaptiveCrossEntropy.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { evaluate } from '../../src/learn/evaluate.js';
import { gradients } from '../../src/learn/gradients.js';
import { jointLoss } from '../../src/learn/jointLoss.js';
import { losses } from '../../src/learn/losses.js';
import { outputs } from '../../src/learn/outputs.js';
import { scaleLoss } from '../../src/learn/scaleLoss.js';
import type { Scored, Unrolled } from '../../src/learn/stages.js';
import { unroll } from '../../src/learn/unroll.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import type { Dtype, Tensors, Window } from '../../src/types.js';
import { first } from './first.js';
import { gradientCheck } from './gradientCheck.js';

const VOCABULARY = 14;
const [STEPS, LANES] = [5, 2];

function make(dtype: Dtype = 'float64'): Model {
  return sequential(
    {
      x: embedding({ inputSize: VOCABULARY, outputSize: 5 }),
      rnn: rnn({ inputSize: 5, hiddenSize: 9 }),
      y: adaptiveSoftmax({ inputSize: 9, outputSize: VOCABULARY, cutoffs: [4, 8], divValue: 2, headBias: true }),
    },
    { dtype, random: seeded('adaptive') },
  );
}

const inputs = Int32Array.from({ length: STEPS * LANES }, (_, i) => (i * 5) % VOCABULARY);
const window = (targets: readonly number[], more: Partial<Window> = {}): Window => ({
  steps: STEPS,
  lanes: LANES,
  inputs,
  targets: Int32Array.from(targets),
  ...more,
});
const everywhere = window([0, 13, 5, 7, 4, 3, 12, 2, 8, 1]);
const mask = Uint8Array.of(1, 1, 0, 1, 1, 0, 1, 1, 1, 1);
const windows: readonly (readonly [string, Window])[] = [
  ['targets in every cluster', everywhere],
  ['targets in the head only', window([0, 1, 2, 3, 0, 1, 2, 3, 0, 1])],
  ['targets in the last cluster only', window([9, 13, 8, 9, 10, 12, 11, 9, 9, 8])],
  ['targets that are ignored', window([0, -100, 5, -100, 4, 3, -100, 2, 8, 1])],
  ['steps and targets under masks', window([0, 13, 5, 7, 4, 3, 12, 2, 8, 1], { mask, targetMask: mask.toReversed() })],
];

/** Each target's loss, and the gradients. */
function learned(
  given: Window,
  loss: OperatorFunction<Unrolled, Scored>,
  dtype?: Dtype,
): { each: ArrayLike<number>; found: Tensors } {
  const model = make(dtype);
  let each: ArrayLike<number> = [];
  const found = first(
    of(given).pipe(
      unroll(model),
      loss,
      tap((scored) => (each = losses(scored).data)),
      backpropagate(model),
    ),
    gradients,
  );
  return { each, found };
}

function near(a: Tensors, b: Tensors, tolerance: number): void {
  for (const [name, { data }] of a) {
    for (const [i, x] of data.entries()) assert.ok(Math.abs(x - b.get(name)!.data[i]!) < tolerance, `${name}[${i}]`);
  }
}

for (const [name, given] of windows) {
  for (const reduction of ['mean', 'sum'] as const) {
    test(`${name}: gradients of the ${reduction} are central differences`, () => {
      const objective = ({ loss, count }: Scored): number => (reduction === 'mean' ? loss : loss * count);
      gradientCheck(make(), given, () => adaptiveCrossEntropy({ reduction }), objective);
    });
  }
  test(`${name}: losses and gradients are those of crossEntropy but for rounding`, () => {
    const [own, all] = [learned(given, adaptiveCrossEntropy()), learned(given, crossEntropy())];
    near(own.found, all.found, 1e-14);
    for (let i = 0; i < own.each.length; i++) assert.ok(Math.abs(own.each[i]! - all.each[i]!) < 1e-14);
  });
}

for (const dtype of ['float32', 'float64'] as const) {
  test(`${dtype}: a loss is the output at its target, to the bit`, () => {
    const found = first(
      of(everywhere).pipe(
        unroll(make(dtype)),
        adaptiveCrossEntropy(),
        map((scored) => [losses(scored).data, outputs(scored).data] as const),
      ),
    );
    const expected = Array.from(everywhere.targets, (target, row) => -found[1][row * VOCABULARY + target]!);
    assert.equal([...found[0]], expected);
  });

  test(`${dtype}: reading the outputs changes no bit of losses and gradients`, () => {
    const read: MonoTypeOperatorFunction<Scored> = tap((scored) => outputs(scored));
    const before: MonoTypeOperatorFunction<Unrolled> = tap((unrolled) => outputs(unrolled));
    const plain = learned(everywhere, adaptiveCrossEntropy(), dtype);
    assert.equal(learned(everywhere, pipe(adaptiveCrossEntropy(), read), dtype), plain);
    assert.equal(learned(everywhere, pipe(before, adaptiveCrossEntropy()), dtype), plain);
  });
}

test('windows one after another have the numbers of each alone', () => {
  const model = make();
  const found: Tensors[] = [];
  of(everywhere, window([0, 1, 2, 3, 0, 1, 2, 3, 0, 1]), everywhere)
    .pipe(
      map((one) => ({ ...one, resets: Uint8Array.of(1, 1) })),
      unroll(model),
      adaptiveCrossEntropy(),
      backpropagate(model),
    )
    .subscribe((event) => found.push(gradients(event)));
  assert.equal(found[2], found[0]);
});

test('scaleLoss scales the gradient', () => {
  const plain = learned(everywhere, adaptiveCrossEntropy());
  const scaled = learned(everywhere, pipe(adaptiveCrossEntropy(), scaleLoss(4)));
  assert.equal(scaled.each, plain.each);
  for (const [name, { data }] of plain.found)
    assert.equal(
      scaled.found.get(name)!.data,
      data.map((x) => 4 * x),
    );
});

test('evaluate gives bits, and measures read the outputs', () => {
  const model = make();
  const measures = { accuracy: accuracy() };
  const [own, all] = [adaptiveCrossEntropy(), crossEntropy()].map((loss) =>
    first(of(everywhere).pipe(evaluate(model, { loss, measures }))),
  );
  assert.ok(Math.abs(own!.bitsPerToken! - all!.bitsPerToken!) < 1e-13);
  assert.is(own!.accuracy, all!.accuracy);
});

const scored = (model: Model, given: Window, loss = adaptiveCrossEntropy()): Promise<Scored> =>
  lastValueFrom(of(given).pipe(unroll(model), loss));
const numbers = Float64Array.from(everywhere.targets);

for (const [what, run, message] of [
  [
    'another last layer',
    () => {
      const layers = {
        x: embedding({ inputSize: VOCABULARY, outputSize: 4 }),
        y: linear({ inputSize: 4, outputSize: 14 }),
      };
      return scored(sequential(layers), everywhere);
    },
    'adaptiveCrossEntropy: the model must end in adaptiveSoftmax, got the layers x, y',
  ],
  [
    'a head of jointLoss',
    () => {
      const loss = jointLoss({ y: { outputs: VOCABULARY, targets: 'token', loss: adaptiveCrossEntropy() } });
      return scored(make(), { ...everywhere, targets: numbers }, loss);
    },
    'adaptiveCrossEntropy: the model must end in adaptiveSoftmax, got the layers x, rnn, y',
  ],
  [
    'numbers',
    () => scored(make(), { ...everywhere, targets: numbers }),
    'adaptiveCrossEntropy: targets must be tokens (Int32Array), got numbers',
  ],
  [
    'a token outside',
    () => scored(make(), window([0, 1, 2, 3, 14, 1, 2, 3, 0, 1])),
    'adaptiveCrossEntropy: target 14 is outside the vocabulary of 14',
  ],
  [
    'a reduction',
    async () => scored(make(), everywhere, adaptiveCrossEntropy({ reduction: 'none' as never })),
    'adaptiveCrossEntropy: reduction must be mean or sum, got "none"',
  ],
] as const) {
  test(`refused: ${what}`, async () => {
    const found = await run().then(
      () => 'nothing',
      (error: Error) => error.message,
    );
    assert.is(found, message);
  });
}

test.run();
