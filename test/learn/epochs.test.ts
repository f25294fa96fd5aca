import { defer, delay, EMPTY, from, identity, map, of, type OperatorFunction, take, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shuffle } from '../../src/flow/shuffle.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { adam } from '../../src/learn/adam.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { type Epoch, epochs } from '../../src/learn/epochs.js';
import { evaluate } from '../../src/learn/evaluate.js';
import { jointLoss } from '../../src/learn/jointLoss.js';
import { sgd } from '../../src/learn/sgd.js';
import { squaredError } from '../../src/learn/squaredError.js';
import type { Scored, Unrolled } from '../../src/learn/stages.js';
import { train } from '../../src/learn/train.js';
import { trainer } from '../../src/learn/trainer.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import { marbles } from '../../src/record/marbles.js';
import { sequences } from '../../src/token/sequences.js';
import { windows as windowsOf } from '../../src/token/windows.js';
import type { TrainingStep, Window } from '../../src/types.js';
import { bits, collected } from './support.js';

const DATA = [[1, 2, 3], [3, 2], [2, 2, 1, 1], [1]];
const TEXT = Array.from({ length: 104 }, (_, i) => (i * i + (i >> 3)) % 4);
const model = (): Model =>
  sequential({ lstm: lstm({ inputSize: 4, hiddenSize: 5 }), linear: linear({ inputSize: 5, outputSize: 4 }) });
const windows$ = from(DATA).pipe(sequences({ end: 0, lanes: 3 }));
const optimizer = (): ReturnType<typeof adam> => adam({ learningRate: 0.02 });

marbles('one mean per pass, when the pass ends', ({ cold, expectObservable, expectSubscriptions }) => {
  const w = cold('-w-w-|', { w: {} as Window });
  let steps = 0;
  const learn = map((): TrainingStep => {
    steps++;
    return { step: steps, tokens: steps * 2, loss: steps, gradientNorm: 2 * steps, learningRate: 1 };
  });
  const e = (epoch: number, step: number, loss: number): Epoch => ({
    epoch,
    step,
    loss,
    tokens: 2 * step,
    gradientNorm: 2 * loss,
    learningRate: 1,
  });
  expectObservable(w.pipe(epochs(learn, { count: 2 }))).toBe('-----a----(b|)', { a: e(1, 2, 1.5), b: e(2, 4, 3.5) });
  expectSubscriptions(w.subscriptions).toBe(['^----!', '-----^----!']);
});

for (const [name, learn] of Object.entries({
  train: (it: Model) => train(it, { optimizer: optimizer() }),
  'trainer.learn': (it: Model) => trainer(it, { optimizer: optimizer() }).learn,
})) {
  test(`${name}: the run is that of the windows repeated, to the bit, and the means are those of its steps`, () => {
    const [whole, passes] = [model(), model()];
    const windows = collected(windows$).values;
    const { values: steps } = collected(from([...windows, ...windows, ...windows]).pipe(learn(whole)));
    const { values: means, error } = collected(windows$.pipe(epochs(learn(passes), { count: 3 })));
    assert.is(error, undefined);
    assert.equal(bits(passes), bits(whole));
    for (const [i, mean] of means.entries()) {
      const [a, b] = [steps[2 * i]!, steps[2 * i + 1]!];
      const loss = (a.loss * (a.tokens - 14 * i) + b.loss * (b.tokens - a.tokens)) / 14;
      assert.ok(Math.abs(mean.loss - loss) < 1e-12);
      assert.equal([mean.epoch, mean.step, mean.tokens], [i + 1, 2 * i + 2, 14 * (i + 1)]);
      assert.is(mean.gradientNorm, (a.gradientNorm + b.gradientNorm) / 2);
    }
  });
}

/** The mean loss of one pass that changes nothing, and what `evaluate` says of the same windows. */
function passAndEvaluation(windows: readonly Window[], loss: OperatorFunction<Unrolled, Scored>, again = false) {
  const it = sequential({ linear: linear({ inputSize: 4, outputSize: 4 }) }, { dtype: 'float64' });
  const still = trainer(it, { optimizer: sgd({ learningRate: 1e-30 }), loss });
  if (again) collected(from(windows.slice(0, 1)).pipe(still.learn));
  const [pass] = collected(from(windows).pipe(epochs(still.learn, { count: 1 }))).values;
  const [evaluation] = collected(from(windows).pipe(evaluate(it, { loss }))).values;
  return { pass: pass!, evaluation: evaluation! };
}

test('the mean of a pass is that of its own windows, whatever the run learned before', () => {
  const windows = collected(from(TEXT).pipe(windowsOf({ steps: 10 }))).values;
  for (const again of [false, true]) {
    const { pass, evaluation } = passAndEvaluation(windows, crossEntropy(), again);
    assert.ok(Math.abs(pass.loss - evaluation.loss) < 1e-12, `${pass.loss}, not ${evaluation.loss}`);
  }
});

test('copies of steps, of a run that learned before, weigh as its mean step', () => {
  const steps = [90, 100, 110].map((tokens, i): TrainingStep => {
    return { step: 9 + i, tokens, loss: i, gradientNorm: 0, learningRate: 1 };
  });
  const { values } = collected(
    from([{}, {}, {}] as Window[]).pipe(
      epochs(
        map((_, i) => steps[i]!),
        { count: 1 },
      ),
    ),
  );
  assert.is(values[0]!.loss, 1);
});

test('a window weighs in the mean of a pass as in that of an evaluation: weights, and heads of their own', () => {
  const windows = collected(from(TEXT).pipe(windowsOf({ steps: 10 }))).values;
  const weight = [0.1, 3, 1, 7];
  const weighed = passAndEvaluation(windows, crossEntropy({ weight }));
  assert.ok(Math.abs(weighed.pass.loss - weighed.evaluation.loss) < 1e-12);

  const joint = jointLoss({
    token: { outputs: 3, targets: 'token', loss: crossEntropy({ weight: [1, 5, 0.5] }), weight: 0.5 },
    number: { outputs: 1, loss: squaredError() },
  });
  const rows = [
    [1, 4, 0, -1, 2, 3],
    [2, 5],
  ].map((targets): Window => {
    const steps = targets.length / 2;
    return {
      steps,
      lanes: 1,
      inputs: Float64Array.from({ length: 4 * steps }, (_, i) => i % 3),
      targets: Float64Array.from(targets),
    };
  });
  const { pass, evaluation } = passAndEvaluation(rows, joint);
  assert.ok(Math.abs(pass.loss - evaluation.loss) < 1e-12, `${pass.loss}, not ${evaluation.loss}`);
  for (const head of ['token', 'number']) {
    assert.ok(Math.abs(pass.heads![head]! - evaluation.heads![head]!.loss) < 1e-12);
  }
});

test('a pass that is learned later than its windows come still has a mean of its own', async () => {
  const steps = map<Window, TrainingStep>((_, i) => ({
    step: i + 1,
    tokens: i + 1,
    loss: i,
    gradientNorm: 0,
    learningRate: 1,
  }));
  const late = (source: typeof windows$) => source.pipe(steps, delay(1));
  const means = await new Promise<Epoch[]>((resolve, reject) => {
    windows$.pipe(epochs(late, { count: 3 }), toArray()).subscribe({ next: resolve, error: reject });
  });
  assert.equal(
    means.map(({ epoch, loss }) => [epoch, loss]),
    [
      [1, 0.5],
      [2, 2.5],
      [3, 4.5],
    ],
  );
});

test('each pass has an order of its own, the same again for the same seed', () => {
  const orders = (seed: number): string[] => {
    const seen: string[] = [];
    let order: string[] = [];
    collected(
      from(DATA).pipe(
        shuffle({ size: 4, random: seeded(seed) }),
        map((sequence) => (order.push(sequence.join('')), sequence)),
        sequences({ end: 0 }),
        epochs(train(model(), { optimizer: optimizer() }), { count: 6 }),
        map(() => (seen.push(order.join(' ')), (order = []))),
      ),
    );
    return seen;
  };
  assert.equal(orders(1), orders(1));
  assert.not.equal(orders(1), orders(2));
  assert.ok(new Set(orders(1)).size > 3);
});

test('without a count it learns until it is left', () => {
  const { values } = collected(windows$.pipe(epochs(train(model(), { optimizer: optimizer() })), take(25)));
  assert.is(values.at(-1)!.epoch, 25);
});

test('said: data too few for one window, in any pass', () => {
  const message = /^epochs: a pass over the data ended before its first window, so nothing was learned/;
  const learn = (): ReturnType<typeof train> => train(model(), { optimizer: optimizer() });
  assert.match(collected(EMPTY.pipe(epochs(learn()))).error!.message, message);
  let passes = 0;
  const once$ = defer(() => (passes++ === 0 ? windows$ : EMPTY));
  const { values, error } = collected(once$.pipe(epochs(learn())));
  assert.is(values.length, 1);
  assert.match(error!.message, message);
});

test('refused: a count that is not a positive integer, what is not an operator', () => {
  assert.throws(() => epochs(identity as never, { count: 0 }), /^epochs: count must be a positive integer/);
  assert.throws(() => epochs(1 as never), /^epochs: learn must be a function/);
  assert.match(
    collected(
      of({ steps: 1, lanes: 1, inputs: Int32Array.of(0), targets: Int32Array.of(7) }).pipe(
        epochs(train(model(), { optimizer: optimizer(), loss: crossEntropy() })),
      ),
    ).error!.message,
    /target 7/,
  );
});

test.run();
