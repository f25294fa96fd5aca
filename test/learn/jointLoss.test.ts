// Several heads with a loss each; test/goldens/goldens.test.ts has torch's figures (ops-embedding-mixed).
import { map, of, type OperatorFunction } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { accuracy } from '../../src/learn/accuracy.js';
import { adam } from '../../src/learn/adam.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { binaryCrossEntropy } from '../../src/learn/binaryCrossEntropy.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { evaluate } from '../../src/learn/evaluate.js';
import { gradients } from '../../src/learn/gradients.js';
import { type Head, jointLoss } from '../../src/learn/jointLoss.js';
import { losses } from '../../src/learn/losses.js';
import { meanAbsoluteError } from '../../src/learn/meanAbsoluteError.js';
import { ofHead } from '../../src/learn/ofHead.js';
import { squaredError } from '../../src/learn/squaredError.js';
import type { Scored, Unrolled } from '../../src/learn/stages.js';
import { train } from '../../src/learn/train.js';
import { trainer } from '../../src/learn/trainer.js';
import { unroll } from '../../src/learn/unroll.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import type { Dtype, Window } from '../../src/types.js';
import { first } from './first.js';
import { gradientCheck } from './gradientCheck.js';
import { bits, collected } from './support.js';

const [STEPS, LANES] = [4, 3];
const ROWS = STEPS * LANES;
const random = seeded('heads');
const uniforms = (length: number): Float64Array => Float64Array.from({ length }, () => random.uniform());
type Backend = 'plain' | 'wasm';
const model = (dtype: Dtype = 'float64', backend: Backend = 'wasm', outputSize = 6, workers = 1): Model =>
  sequential(
    { lstm: lstm({ inputSize: 3, hiddenSize: 5 }), heads: linear({ inputSize: 5, outputSize }) },
    { dtype, backend, random: seeded('weights'), workers },
  );
const tokens = Int32Array.from({ length: ROWS }, (_, i) => (i * 5) % 3);
const numbers = uniforms(ROWS * 2);
const yes = uniforms(ROWS).map(Math.round);
const mask = Uint8Array.from({ length: ROWS }, (_, i) => Number(i !== 9 && i !== 11));
const targetMask = Uint8Array.from({ length: ROWS }, (_, i) => Number(i % 4 !== 2));
const targets = Float64Array.from({ length: ROWS * 4 }, (_, i) => {
  const [row, column] = [Math.floor(i / 4), i % 4];
  if (mask[row] === 0 || targetMask[row] === 0) return NaN;
  return column === 0 ? tokens[row]! : column === 3 ? yes[row]! : numbers[row * 2 + column - 1]!;
});
const window: Window = { steps: STEPS, lanes: LANES, inputs: uniforms(ROWS * 3), targets, mask, targetMask };
const heads = {
  activity: { outputs: 3, targets: 'token', loss: crossEntropy() },
  sizes: { outputs: 2, loss: squaredError(), weight: 0.25 },
  late: { outputs: 1, loss: binaryCrossEntropy(), weight: 2 },
} as const;

test('gradients of the weighted sum, against central differences', () => {
  const it = model();
  gradientCheck(
    it,
    window,
    () => jointLoss(heads),
    ({ loss }) => loss,
    it.zeroState(LANES),
  );
});

/** The rows of the last layer that are one head's. */
const rowsOfHead = { activity: [0, 3], sizes: [3, 5], late: [5, 6] } as const;
const alone: Record<keyof typeof heads, [OperatorFunction<Unrolled, Scored>, Window['targets']]> = {
  activity: [crossEntropy(), tokens],
  sizes: [squaredError(), numbers],
  late: [binaryCrossEntropy(), yes],
};

/** A model that has only the rows of one head, with the same weights. */
function modelOf(name: keyof typeof heads, whole: Model, dtype: Dtype, backend: Backend): Model {
  const [from, to] = rowsOfHead[name];
  const it = model(dtype, backend, to - from);
  for (const [part, { data }] of it.weights.tensors) {
    const given = whole.weights.tensors.get(part)!.data;
    const width = given.length / 6;
    data.set(part.startsWith('heads') ? given.subarray(from * width, to * width) : given);
  }
  it.kernel.weightsChanged();
  return it;
}

for (const dtype of ['float32', 'float64'] as const) {
  for (const backend of ['plain', 'wasm'] as const) {
    test(`${dtype}, ${backend}: each head's loss and gradient are those of a model that has this head alone`, () => {
      const whole = model(dtype, backend);
      const joint = first(of(window).pipe(unroll(whole), jointLoss(heads), backpropagate(whole)), (event) => ({
        loss: event.loss,
        heads: Object.fromEntries(
          Object.entries(event.heads!).map(([name, head]) => [name, [head.loss, head.count, [...losses(head).data]]]),
        ),
        bias: [...gradients(event).get('heads.bias')!.data],
      }));
      let sum = 0;
      for (const [name, [loss, own]] of Object.entries(alone) as [keyof typeof heads, (typeof alone)['late']][]) {
        const it = modelOf(name, whole, dtype, backend);
        const weight = (heads[name] as Head).weight ?? 1;
        const scored = first(of({ ...window, targets: own }).pipe(unroll(it), loss, backpropagate(it)), (event) => ({
          parts: [event.loss, event.count, [...losses(event).data]],
          bias: [...gradients(event).get('heads.bias')!.data],
        }));
        assert.equal(joint.heads[name], scored.parts);
        const [from, to] = rowsOfHead[name];
        const allowed = dtype === 'float64' ? 1e-15 : 1e-6;
        joint.bias.slice(from, to).forEach((value, i) => {
          assert.ok(Math.abs(value - weight * scored.bias[i]!) < allowed, `${name}: ${value}`);
        });
        sum += weight * (scored.parts[0] as number);
      }
      assert.is(joint.loss, sum);
    });
  }
}

test('a training step and an evaluation report each head by its name', () => {
  const it = model();
  const [step] = collected(of(window).pipe(train(it, { optimizer: adam(), loss: jointLoss(heads) }))).values;
  assert.equal(Object.keys(step!.heads!), ['activity', 'sizes', 'late']);
  const { activity, sizes, late } = step!.heads!;
  assert.is(step!.loss, activity! + 0.25 * sizes! + 2 * late!);

  const measures = { accuracy: ofHead('activity', accuracy()), mae: ofHead('sizes', meanAbsoluteError()) };
  const found = first(of(window, window).pipe(evaluate(model(), { loss: jointLoss(heads), measures })));
  assert.equal(Object.keys(found), ['tokens', 'loss', 'heads', 'accuracy', 'mae']);
  assert.equal(Object.keys(found.heads!['activity']!), ['tokens', 'loss', 'bitsPerToken', 'perplexity']);
  assert.equal(Object.keys(found.heads!['sizes']!), ['tokens', 'loss']);
  const own = modelOf('activity', model(), 'float64', 'wasm');
  const plain = { ...window, targets: tokens };
  const expected = first(of(plain, plain).pipe(evaluate(own, { measures: { a: accuracy() } })));
  assert.is(found.accuracy, expected.a);
  assert.ok(Math.abs(found.heads!['activity']!.loss - expected.loss) < 1e-15);
  const { heads: each, loss } = found;
  assert.ok(Math.abs(loss - each!['activity']!.loss - 0.25 * each!['sizes']!.loss - 2 * each!['late']!.loss) < 1e-14);
});

test('windows that need longer tapes, and several threads, give the same bits', () => {
  const short: Window = {
    steps: 1,
    lanes: LANES,
    inputs: window.inputs.slice(0, 3 * LANES),
    targets: targets.slice(0, 4 * LANES),
    mask: mask.slice(0, LANES),
    targetMask: targetMask.slice(0, LANES),
  };
  const run = (workers: number): string[] => {
    const it = model('float32', 'wasm', 6, workers);
    const { error } = collected(
      of(short, window, short).pipe(train(it, { optimizer: adam(), loss: jointLoss(heads) })),
    );
    assert.is(error, undefined);
    const found = bits(it);
    it.dispose();
    return found;
  };
  assert.equal(run(2), run(1));
});

test('a run continues from its state to the same bits; a disposed model is left without an error', () => {
  const loss = jointLoss(heads);
  const [whole, half, rest] = [model(), model(), model()];
  collected(of(window, window, window, window).pipe(train(whole, { optimizer: adam(), loss })));
  const run = trainer(half, { optimizer: adam(), loss });
  collected(of(window, window).pipe(run.learn));
  const resumeFrom = run.state();
  collected(of(window, window).pipe(train(rest, { optimizer: adam(), loss, resumeFrom })));
  assert.equal(bits(rest), bits(whole));
  const gone = model();
  const { error } = collected(
    of(window).pipe(
      unroll(gone),
      loss,
      map(() => gone.dispose()),
    ),
  );
  assert.is(error, undefined);
});

const refused: [string, Record<string, Head>, Partial<Window>, RegExp][] = [
  ['outputs that are not all', { a: heads.sizes }, {}, /^jointLoss: the heads have 2 outputs, the model 6$/],
  [
    'tokens',
    heads,
    { targets: tokens },
    /^jointLoss: targets must be numbers, those of the heads side by side, got tokens$/,
  ],
  ['too few targets', heads, { targets: numbers }, /^jointLoss: 4 steps × 3 lanes need 48 targets, 4 a step, got 24$/],
  [
    'a number that is not a token',
    heads,
    { targets: targets.with(0, 0.5) },
    /^jointLoss: the target of activity must be a token, got 0\.5 \(step 0, lane 0\)$/,
  ],
  [
    'a token outside',
    heads,
    { targets: targets.with(0, 3) },
    /^crossEntropy: target 3 is outside the vocabulary of 3$/,
  ],
  [
    'a target that is not finite',
    heads,
    { targets: targets.with(1, NaN) },
    /^squaredError: .*target 0 of window 1 is NaN/,
  ],
  [
    'a loss that gives nothing',
    { a: { outputs: 6, targets: 4, loss: () => of() } },
    {},
    /^jointLoss: the loss of a gave/,
  ],
];
for (const [name, given, change, message] of refused) {
  test(`refused: ${name}`, () => {
    const { error } = collected(of({ ...window, ...change }).pipe(unroll(model()), jointLoss(given)));
    assert.match(error!.message, message);
  });
}

test('refused: options', () => {
  assert.throws(() => jointLoss({}), /^jointLoss: needs at least one head$/);
  assert.throws(() => jointLoss({ a: { outputs: 0, loss: crossEntropy() } }), /head "a": outputs must be a positive/);
  assert.throws(() => jointLoss({ a: { ...heads.sizes, weight: -1 } }), /head "a": weight must be/);
  assert.throws(() => jointLoss({ a: { ...heads.sizes, targets: 'tokens' as 'token' } }), /head "a": targets must be/);
  assert.throws(() => jointLoss({ a: { ...heads.sizes, share: 1 } as Head }), /unknown option share/);
  const measures = { a: ofHead('length', accuracy()) };
  const errorOf = (loss: OperatorFunction<Unrolled, Scored>, targets: Window['targets']): string =>
    collected(of({ ...window, targets }).pipe(evaluate(model(), { loss, measures }))).error!.message;
  assert.is(errorOf(jointLoss(heads), targets), 'ofHead: no head length; there are activity, sizes, late');
  assert.is(errorOf(crossEntropy(), tokens), 'ofHead: no head length; the loss has no heads');
});

test.run();
