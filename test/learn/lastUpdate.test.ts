// Weights that the last update has left not finite: no window follows in which that could be seen.
import { from, of, take, throwError } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { epochs } from '../../src/learn/epochs.js';
import { optimize } from '../../src/learn/optimize.js';
import { sgd } from '../../src/learn/sgd.js';
import { train } from '../../src/learn/train.js';
import { trainer } from '../../src/learn/trainer.js';
import { unroll } from '../../src/learn/unroll.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import type { Window } from '../../src/types.js';
import { collected } from './support.js';

const window: Window = { steps: 2, lanes: 1, inputs: Int32Array.of(0, 1), targets: Int32Array.of(1, 2) };
const made = () => sequential({ linear: linear({ inputSize: 3, outputSize: 3 }) }, { random: seeded('end') });
const MESSAGE =
  /^optimize: after the last update number \d+ of linear\.weight is -?(Infinity|NaN); try a smaller learning rate or/;
const large = { learningRate: 1e300 };

test('are an error at the end, after the step', () => {
  for (const learningRate of [large.learningRate, of(large.learningRate)]) {
    const { values, error } = collected(of(window).pipe(train(made(), { optimizer: sgd({ learningRate }) })));
    assert.is(values.length, 1);
    assert.match(error!.message, MESSAGE);
  }
});

test('so in a pipeline of its own stages, of a run that is held, and in epochs', () => {
  const model = made();
  const stages$ = of(window).pipe(unroll(model), crossEntropy(), backpropagate(model), optimize(model, sgd(large)));
  assert.match(collected(stages$).error!.message, MESSAGE);
  assert.match(collected(of(window).pipe(trainer(made(), { optimizer: sgd(large) }).learn)).error!.message, MESSAGE);
  const learn = train(made(), { optimizer: sgd(large) });
  assert.match(collected(of(window).pipe(epochs(learn, { count: 1 }))).error!.message, MESSAGE);
});

test('weights that are finite, and streams that end before, are none', () => {
  const small = () => sgd({ learningRate: 0.1 });
  assert.is(collected(from([window, window]).pipe(train(made(), { optimizer: small() }))).error, undefined);
  assert.is(collected(of(window).pipe(train(made(), { optimizer: sgd(large) }), take(1))).error, undefined);
  const failed$ = throwError(() => new Error('gone')).pipe(train(made(), { optimizer: small() }));
  assert.is(collected(failed$).error!.message, 'gone');
});

test.run();
