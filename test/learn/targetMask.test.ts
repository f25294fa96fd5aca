// Targets that do not count while the state goes on: `targetMask`, beside `mask`.
import { from, of, type OperatorFunction } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { adam } from '../../src/learn/adam.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { binaryCrossEntropy } from '../../src/learn/binaryCrossEntropy.js';
import { countUnmasked } from '../../src/learn/countUnmasked.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { evaluate } from '../../src/learn/evaluate.js';
import { loss } from '../../src/learn/loss.js';
import { losses } from '../../src/learn/losses.js';
import { squaredError } from '../../src/learn/squaredError.js';
import type { Scored, Unrolled } from '../../src/learn/stages.js';
import { train } from '../../src/learn/train.js';
import { trainer } from '../../src/learn/trainer.js';
import { unroll } from '../../src/learn/unroll.js';
import { validate } from '../../src/learn/validate.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import type { Dtype, Window } from '../../src/types.js';
import { first } from './first.js';
import { gradientCheck } from './gradientCheck.js';
import { bits, collected } from './support.js';

const [STEPS, LANES, CLASSES] = [4, 2, 5];
const ROWS = STEPS * LANES;
const mask = Uint8Array.of(1, 1, 1, 1, 1, 0, 1, 0);
const targetMask = Uint8Array.of(0, 1, 0, 0, 1, 1, 0, 1);
const counting = Uint8Array.of(0, 1, 0, 0, 1, 0, 0, 0);

const random = seeded('target mask');
const uniforms = (length: number): Float64Array => Float64Array.from({ length }, () => random.uniform());
const model = (dtype: Dtype = 'float64'): Model =>
  sequential(
    { lstm: lstm({ inputSize: CLASSES, hiddenSize: 6 }), linear: linear({ inputSize: 6, outputSize: CLASSES }) },
    { dtype, random: seeded('weights') },
  );
const inputs = Int32Array.of(0, 1, 2, 3, 4, 0, 1, 2);
const tokens = Int32Array.of(3, 1, 1, 4, 2, 0, 3, 3);
const window: Window = { steps: STEPS, lanes: LANES, inputs, targets: tokens, mask, targetMask };
const ignored = (targets: Int32Array): Int32Array => targets.map((token, r) => (counting[r] === 0 ? -100 : token));

const losing: Readonly<Record<string, [() => OperatorFunction<Unrolled, Scored>, Window['targets']]>> = {
  'crossEntropy of tokens': [crossEntropy, tokens],
  'crossEntropy, smoothed and weighted': [
    () => crossEntropy({ labelSmoothing: 0.1, weight: [1, 2, 0.5, 3, 1] }),
    tokens,
  ],
  'crossEntropy of probabilities': [crossEntropy, new Float64Array(ROWS * CLASSES).fill(1 / CLASSES)],
  binaryCrossEntropy: [binaryCrossEntropy, uniforms(ROWS * CLASSES)],
  squaredError: [squaredError, uniforms(ROWS * CLASSES)],
};
for (const [name, [measure, targets]] of Object.entries(losing)) {
  test(`${name}: gradients with both masks, against central differences`, () => {
    const it = model();
    gradientCheck(it, { ...window, targets }, measure, ({ loss }) => loss, it.zeroState(LANES));
  });

  test(`${name}: the single losses are 0 where a target does not count, and the others those of no mask`, () => {
    const single = (given: Window): number[] =>
      first(of(given).pipe(unroll(model()), measure()), (s) => [...losses(s).data]);
    const { targetMask: _, mask: _steps, ...open } = { ...window, targets };
    const [masked, all] = [single({ ...open, targetMask }), single(open)];
    const width = masked.length / ROWS;
    assert.equal(
      masked,
      all.map((value, i) => (targetMask[Math.floor(i / width)] === 0 ? 0 : value)),
    );
    assert.ok(all.every((value) => value > 0));
  });
}

for (const dtype of ['float32', 'float64'] as const) {
  test(`${dtype}: a run is to the bit the one whose uncounted targets are ignored, and the state goes on`, () => {
    const run = (given: Window): unknown => {
      const it = model(dtype);
      const { values } = collected(of(given, given, given).pipe(train(it, { optimizer: adam() })));
      return [values, bits(it)];
    };
    const { targetMask: _, ...masked } = window;
    assert.equal(run(window), run({ ...masked, targets: ignored(tokens) }));
  });
}

test('the state after a window does not depend on targetMask, as it does on mask', () => {
  const stateOf = (given: Window): unknown => first(of(given).pipe(unroll(model())), ({ tape }) => [...tape.state()]);
  const { targetMask: _, mask: _steps, ...open } = window;
  assert.equal(stateOf({ ...open, targetMask }), stateOf(open));
  assert.not.equal(stateOf({ ...open, mask: targetMask }), stateOf(open));
});

test('evaluate and validate count the targets that both masks leave', () => {
  const single = first(of(window).pipe(unroll(model()), crossEntropy()), (scored) => [...losses(scored).data]);
  const mean = single.reduce((sum, value) => sum + value, 0) / 2;
  const evaluation = first(of(window).pipe(evaluate(model())));
  assert.is(evaluation.tokens, 2);
  assert.ok(Math.abs(evaluation.loss - mean) < 1e-15);
  const step = { step: 1, tokens: 2, loss: 0, gradientNorm: 0, learningRate: 0.1 };
  assert.equal(first(of(step).pipe(validate(model(), of(window), { every: 1 }))).validation, evaluation);
});

test('a run continues from its state to the same bits', () => {
  const given = Array.from({ length: 6 }, (_, i) => ({
    ...window,
    targets: tokens.map((token) => (token + i) % CLASSES),
  }));
  const whole = model();
  collected(from(given).pipe(trainer(whole, { optimizer: adam() }).learn));
  const half = trainer(model(), { optimizer: adam() });
  collected(from(given.slice(0, 3)).pipe(half.learn));
  const rest = model();
  collected(from(given.slice(3)).pipe(trainer(rest, { optimizer: adam(), resumeFrom: half.state() }).learn));
  assert.equal(bits(rest), bits(whole));
});

test('a loss of your own is given one mask, and zeros where targets do not count', () => {
  const seen: Window[] = [];
  const own = loss('own', {}, () => ({
    width: 1,
    count: (given) => (seen.push(given), countUnmasked(given)),
    sum: () => 0,
  }));
  const targets = tokens.slice();
  const { count, window: handed } = first(of({ ...window, targets }).pipe(unroll(model()), own));
  assert.equal([seen[0]!.mask, seen[0]!.targetMask, count], [counting, undefined, 2]);
  assert.equal(
    seen[0]!.targets,
    tokens.map((token, r) => (counting[r] === 0 ? 0 : token)),
  );
  assert.equal(targets, tokens, 'the window is as it was');
  assert.equal([handed.mask, handed.targetMask], [mask, targetMask]);
  assert.is(countUnmasked(window), 2);
});

test('a window none of whose targets count has no loss and no gradient', () => {
  const it = model();
  const none = { ...window, targetMask: new Uint8Array(ROWS) };
  const { loss: mean, count, gradientNorm } = first(of(none).pipe(unroll(it), crossEntropy(), backpropagate(it)));
  assert.equal([mean, count, gradientNorm], [0, 0, 0]);
});

test.run();
