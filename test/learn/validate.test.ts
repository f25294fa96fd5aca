import {
  count,
  delay,
  EMPTY,
  filter,
  from,
  identity,
  map,
  type Observable,
  of,
  pipe,
  take,
  tap,
  throwError,
} from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pull } from '../../src/flow/pull.js';
import { adam } from '../../src/learn/adam.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { linear } from '../../src/layer/linear.js';
import { earlyStop } from '../../src/learn/earlyStop.js';
import { evaluate, type Evaluation, type LossEvaluation } from '../../src/learn/evaluate.js';
import { sgd } from '../../src/learn/sgd.js';
import { squaredError } from '../../src/learn/squaredError.js';
import { train } from '../../src/learn/train.js';
import { trainer } from '../../src/learn/trainer.js';
import { type Figures, type ValidatedStep, type ValidateOptions, validate } from '../../src/learn/validate.js';

import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import { lanes } from '../../src/token/lanes.js';
import { windows } from '../../src/token/windows.js';
import type { Window } from '../../src/types.js';
import { first } from './first.js';
import { bits, CELLS, collected, corpus, smallModel, trainingWindows } from './support.js';

const heldOut = corpus.slice(100, 311);
const heldOut$ = pull(lanes(heldOut, 2)).pipe(windows({ steps: 9, lanes: 2 }));

for (const cell of CELLS) {
  for (const dtype of ['float32', 'float64'] as const) {
    test(`${cell}, ${dtype}: a run is the same to the bit with validation and without`, () => {
      const figures = (every: number | undefined): unknown => {
        const model = smallModel({ cell, dtype });
        const states: unknown[] = [];
        const run = trainer(model, { optimizer: adam(), dropoutRandom: seeded(2) });
        const { values, error } = collected(
          trainingWindows().pipe(
            run.learn,
            every ? validate(model, heldOut$, { every }) : identity,
            tap(() => states.push(run.state())),
            map(({ step, loss, tokens, gradientNorm }) => [step, loss, tokens, gradientNorm]),
          ),
        );
        assert.is(error, undefined);
        return [values, states, bits(model)];
      };
      const without = figures(undefined);
      for (const every of [1, 3, 10]) assert.equal(figures(every), without);
    });
  }
}

test('figures come with the steps whose number every divides, and are those of evaluate', () => {
  const model = smallModel();
  const expected: [number, Evaluation][] = [];
  const found: [number, Evaluation][] = [];
  trainingWindows()
    .pipe(
      train(model, { optimizer: adam({ learningRate: 0.01 }) }),
      tap(({ step }) => step % 5 === 0 && expected.push([step, first(heldOut$.pipe(evaluate(model)))])),
      validate(model, () => heldOut$, { every: 5 }),
      filter((step: ValidatedStep) => step.validation !== undefined),
    )
    .subscribe(({ step, validation }) => found.push([step, validation!]));
  assert.equal(found, expected);
  assert.is(found.length, 4);
  assert.ok(found[3]![1].loss < found[0]![1].loss);
});

test('another measure takes the place of evaluate', () => {
  const model = smallModel();
  const measure = pipe(
    count<Window>(),
    map((tokens): Evaluation => ({ tokens, loss: 1, bitsPerToken: 2, perplexity: 3 })),
  );
  const { values } = collected(
    trainingWindows().pipe(
      train(model, { optimizer: adam() }),
      take(2),
      validate(model, heldOut$, { every: 2, measure }),
    ),
  );
  assert.equal(
    values.map((step: ValidatedStep) => step.validation),
    [undefined, { tokens: 12, loss: 1, bitsPerToken: 2, perplexity: 3 }],
  );
});

test('a measure of your own has figures of its own', () => {
  const model = smallModel();
  const measure = pipe(
    count<Window>(),
    map((windows) => ({ loss: 1 / windows, windows })),
  );
  const validated$ = trainingWindows().pipe(
    train(model, { optimizer: adam() }),
    take(2),
    validate(model, heldOut$, { every: 2, measure }),
  );
  const { values } = collected(validated$.pipe(map(({ validation }) => validation?.windows)));
  assert.equal(values, [undefined, 12]);
});

test('each validation starts from zeros, also where its windows carry on', () => {
  const carried = first(heldOut$.pipe(take(1)));
  const { resets: _, ...window } = carried;
  const figures: number[] = [];
  of(1, 2, 3)
    .pipe(
      map((step) => ({ step, tokens: 0, loss: 0, gradientNorm: 0, learningRate: 0 })),
      validate(smallModel(), of(window), { every: 1 }),
    )
    .subscribe(({ validation }) => figures.push(validation!.loss));
  assert.is(figures.length, 3);
  assert.equal(new Set(figures).size, 1);
});

for (const [what, source, message] of [
  [
    'windows that come later',
    heldOut$.pipe(delay(0)),
    'validate: the held-out windows must come at once; hold them in memory',
  ],
  ['no windows', EMPTY, 'evaluate: the windows have no target'],
  ['windows that fail', throwError(() => new Error('gone')), 'gone'],
  ['windows that fail with nothing', throwError(() => undefined), undefined],
  [
    'windows that the model cannot take',
    of({ steps: 1, lanes: 1, inputs: Int32Array.of(9), targets: Int32Array.of(1) }),
    'sequential: token 9 is outside the vocabulary of 7 of layer recurrent',
  ],
] as const) {
  test(`refused: ${what}`, () => {
    const model = smallModel();
    const { values, error } = collected(
      trainingWindows().pipe(train(model, { optimizer: adam() }), validate(model, source, { every: 4 })),
    );
    assert.is(values.length, 3);
    assert.is(error?.message, message);
  });
}

const regression = (): Model => sequential({ linear: linear({ inputSize: 1, outputSize: 1 }) }, { random: seeded(1) });
const line = (from: number): Window => ({
  steps: 4,
  lanes: 1,
  inputs: Float32Array.from({ length: 4 }, (_, t) => (from + t) / 10),
  targets: Float32Array.from({ length: 4 }, (_, t) => (from + t) / 5 - 0.3),
});

test('regression is validated by the loss that is trained, and early stopping goes by it', () => {
  const model = regression();
  const { values, error } = collected(
    from([0, 4, 0, 4, 0, 4].map(line)).pipe(
      train(model, { optimizer: adam({ learningRate: 0.1 }), loss: squaredError() }),
      validate(model, of(line(2)), { every: 2, loss: squaredError() }),
      map(({ validation }) => validation && [validation.loss, validation.perplexity]),
    ),
  );
  assert.is(error, undefined);
  const figures = values.filter((figure) => figure !== undefined);
  assert.is(figures.length, 3);
  assert.ok(figures[2]![0]! < figures[0]![0]!);
  assert.ok(figures.every(([loss, perplexity]) => loss! > 0 && perplexity === undefined));

  // A model that gets worse is stopped; before, every figure was 0, whatever it did.
  const worse = regression();
  const { values: steps, error: failure } = collected(
    from(Array.from({ length: 50 }, () => line(2))).pipe(
      train(worse, { optimizer: sgd({ learningRate: 2 }), loss: squaredError() }),
      validate(worse, of(line(2)), { every: 1, loss: squaredError() }),
      earlyStop({ patience: 3 }),
    ),
  );
  assert.is(failure, undefined);
  assert.ok(steps.length < 50);
});

test('refused: numbers as held-out targets without a loss, and a loss beside a measure', () => {
  const model = regression();
  const { values, error } = collected(
    of(line(0), line(4)).pipe(
      train(model, { optimizer: adam(), loss: squaredError() }),
      validate(model, of(line(2)), { every: 1 }),
    ),
  );
  assert.is(values.length, 0);
  assert.match(error!.message, /^evaluate: the targets are numbers, so the loss that is trained is needed/);
  const both = { every: 1, loss: squaredError(), measure: evaluate(model) };
  assert.throws(() => validate(model, heldOut$, both as never), /^validate: loss and measure exclude each other/);
});

for (const [figures, message] of [
  [{ x: 1 }, 'what the measure emits must be an object with a loss, got {"x":1}'],
  [1, 'what the measure emits must be an object with a loss, got 1'],
  [null, 'what the measure emits must be an object with a loss, got null'],
  [undefined, 'what the measure emits must be an object with a loss, got undefined'],
  [{ loss: '1' }, 'what the measure emits must be an object with a loss, got {"loss":"1"}'],
  [{ loss: NaN }, 'the loss among the figures of the measure must be a finite number, got NaN'],
  [{ loss: Infinity }, 'the loss among the figures of the measure must be a finite number, got Infinity'],
] as const) {
  test(`refused: a measure's figures: ${message}`, () => {
    const steps$ = of({ step: 1, tokens: 2, loss: 0, gradientNorm: 0, learningRate: 0.1 });
    const measure = (): Observable<Figures> => of(figures as unknown as Figures);
    const { error } = collected(steps$.pipe(validate(smallModel(), heldOut$, { every: 1, measure })));
    assert.is(error?.message, `validate: ${message}`);
  });
}

test('refused: a measure that ends without figures, whose windows did come at once', () => {
  const { error } = collected(
    trainingWindows().pipe(
      train(smallModel(), { optimizer: adam() }),
      validate(smallModel(), heldOut$, { every: 1, measure: () => EMPTY }),
    ),
  );
  assert.is(error?.message, 'validate: the measure ended without figures; it must emit them once');
});

test('refused: every 0', () => {
  assert.throws(
    () => validate(smallModel(), heldOut$, { every: 0 }),
    /^validate: every must be a positive integer, got 0/,
  );
});

test('the loss that is measured is the one that is given, whatever is trained, and plain cross-entropy without one', () => {
  type Loss = ValidateOptions['loss'];
  const validated = (loss: Loss, measured: Loss): LossEvaluation => {
    const model = smallModel({});
    const steps = collected(
      trainingWindows().pipe(
        train(model, { optimizer: adam(), loss }),
        validate(model, heldOut$, { every: 1, loss: measured }),
        take(3),
      ),
    );
    assert.is(steps.error, undefined);
    const { validation } = steps.values.at(-1)!;
    assert.equal(validation, collected(heldOut$.pipe(evaluate(model, { loss: measured }))).values[0]);
    return validation!;
  };
  const smoothed = crossEntropy({ labelSmoothing: 0.3 });
  const plain = validated(smoothed, undefined) as Evaluation;
  assert.equal(plain, validated(smoothed, crossEntropy()));
  assert.type(plain.bitsPerToken, 'number');
  const same = validated(smoothed, smoothed);
  assert.ok(same.loss !== plain.loss && same.bitsPerToken === undefined); // says that it is not the cross-entropy of tokens
});

test.run();
