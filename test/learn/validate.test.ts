import { delay, EMPTY, filter, from, identity, map, of, take, tap, throwError } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pull } from '../../src/flow/pull.js';
import { adam } from '../../src/learn/adam.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { evaluate } from '../../src/learn/evaluate.js';
import { losses } from '../../src/learn/losses.js';
import { train } from '../../src/learn/train.js';
import { trainingState } from '../../src/learn/trainingState.js';
import { unroll } from '../../src/learn/unroll.js';
import { validate } from '../../src/learn/validate.js';
import type { ValidatedStep, Validation } from '../../src/learn/validation.js';
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
      const run = (every: number | undefined): unknown => {
        const model = smallModel({ cell, dtype });
        const states: unknown[] = [];
        const { values, error } = collected(
          trainingWindows().pipe(
            train(model, { optimizer: adam(), dropout: seeded(2) }),
            every ? validate(model, heldOut$, { every }) : identity,
            tap((step) => states.push(trainingState(step))),
            map(({ step, loss, tokens, gradientNorm }) => [step, loss, tokens, gradientNorm]),
          ),
        );
        assert.is(error, undefined);
        return [values, states, bits(model)];
      };
      const without = run(undefined);
      for (const every of [1, 3, 10]) assert.equal(run(every), without);
    });
  }
}

test('figures come with the steps whose number every divides, and are those of evaluate', () => {
  const model = smallModel();
  const expected: [number, Validation][] = [];
  const found: [number, Validation][] = [];
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

test('evaluate gives the mean over all targets that count, whatever window they stand in', () => {
  const model = smallModel({ dtype: 'float64' });
  const masked: Window[] = [];
  heldOut$.subscribe((window) => {
    const mask = Uint8Array.from(window.inputs, (token) => (token === 3 ? 0 : 1));
    masked.push({ ...window, mask });
  });
  const singles: number[] = [];
  from(masked)
    .pipe(unroll(model), crossEntropy())
    .subscribe((scored) => losses(scored).data.forEach((loss, i) => scored.window.mask![i] && singles.push(loss)));
  const { loss, bits, perplexity, tokens } = first(from(masked).pipe(evaluate(model)));
  assert.is(tokens, singles.length);
  const mean = singles.reduce((sum, loss) => sum + loss) / singles.length;
  assert.ok(Math.abs(loss - mean) < 1e-14, `${loss} and ${mean}`);
  assert.ok(Math.abs(bits - mean * Math.LOG2E) < 1e-14);
  assert.ok(Math.abs(perplexity - Math.exp(mean)) < 1e-12);
});

test('an untrained model of seven tokens has the perplexity of about seven', () => {
  const { perplexity } = first(heldOut$.pipe(evaluate(smallModel())));
  assert.ok(perplexity > 6.5 && perplexity < 7.7, `${perplexity}`);
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
  ['no windows', EMPTY, 'validate: the windows have no target that counts'],
  ['windows that fail', throwError(() => new Error('gone')), 'gone'],
  [
    'windows that the model cannot take',
    of({ steps: 1, lanes: 1, inputs: Int32Array.of(9), targets: Int32Array.of(1) }),
    'recurrent: token 9 is outside the vocabulary of 7',
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

test('refused: every 0', () => {
  assert.throws(() => validate(smallModel(), heldOut$, { every: 0 }), /^validate: every must be an integer from 1 up/);
});

test.run();
