import { type Observable, of, type OperatorFunction, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { adam } from '../../src/learn/adam.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { clipGradNorm } from '../../src/learn/clipGradNorm.js';
import { clipGradValue } from '../../src/learn/clipGradValue.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { gradients } from '../../src/learn/gradients.js';
import { optimize } from '../../src/learn/optimize.js';
import { scaleLoss } from '../../src/learn/scaleLoss.js';
import { sgd } from '../../src/learn/sgd.js';
import type { Differentiated, Scored, Unrolled } from '../../src/learn/stages.js';
import { train } from '../../src/learn/train.js';
import { unroll } from '../../src/learn/unroll.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import type { Window } from '../../src/types.js';
import { bits } from './support.js';

// What types refuse and JavaScript does not: stages in another order. Each would pass in silence, without an effect or
// with the gradient of an earlier window.

const window: Window = { steps: 2, lanes: 1, inputs: Int32Array.of(0, 1), targets: Int32Array.of(1, 2) };
const made = () => sequential({ linear: linear({ inputSize: 3, outputSize: 3 }) }, { random: seeded('order') });

/** The error of a stream. */
function errorOf(result$: Observable<unknown>): Error {
  let found: Error | undefined;
  result$.subscribe({ error: (error: Error) => (found = error) });
  if (found === undefined) throw new Error('the stream has no error');
  return found;
}

const asDifferentiated = <T>(): OperatorFunction<T, Differentiated> =>
  tap() as unknown as OperatorFunction<T, Differentiated>;
const asScored = <T>(): OperatorFunction<T, Scored> => tap() as unknown as OperatorFunction<T, Scored>;

for (const makeOptimizer of [() => sgd({ learningRate: 1 }), () => adam()]) {
  test(`optimize (${makeOptimizer().updateRuns === undefined ? 'all' : 'rows'}) refuses a window without backpropagate`, () => {
    const model = made();
    of(window)
      .pipe(train(model, { optimizer: makeOptimizer() }))
      .subscribe();
    const before = bits(model);
    const scored$ = of(window).pipe(unroll(model), crossEntropy(), asDifferentiated());
    const { message } = errorOf(scored$.pipe(optimize(model, makeOptimizer())));
    assert.match(message, /^optimize: this window was not run through backpropagate.*the order is unroll, a loss/);
    assert.equal(bits(model), before);
  });
}

const early: Readonly<Record<string, OperatorFunction<Differentiated, unknown>>> = {
  clipGradNorm: clipGradNorm(1),
  clipGradValue: clipGradValue(1),
  gradients: tap(gradients),
};
for (const [name, stage] of Object.entries(early)) {
  test(`${name} refuses a window without backpropagate`, () => {
    const { message } = errorOf(of(window).pipe(unroll(made()), crossEntropy(), asDifferentiated(), stage));
    assert.match(message, `${name}: this window was not run through backpropagate`);
  });
}

test('scaleLoss refuses a window after backpropagate', () => {
  const model = made();
  const { message } = errorOf(of(window).pipe(unroll(model), crossEntropy(), backpropagate(model), scaleLoss(2)));
  assert.match(message, /^scaleLoss: this window was run through backpropagate already; the order is/);
});

test('backpropagate refuses a window for the second time', () => {
  const model = made();
  const differentiated$ = of(window).pipe(unroll(model), crossEntropy(), backpropagate(model));
  const { message } = errorOf(differentiated$.pipe(backpropagate(model)));
  assert.match(message, /^backpropagate: this window was run through backpropagate already/);
});

for (const [name, stageOf] of Object.entries({ scaleLoss: () => scaleLoss(2), backpropagate })) {
  test(`${name} refuses a window without a loss`, () => {
    const model = made();
    const { message } = errorOf(of(window).pipe(unroll(model), asScored<Unrolled>(), stageOf(model)));
    assert.match(message, `${name}: this window was not run through a loss; the order is`);
  });
}

test.run();
