// What the models of a log keep becomes zero where the same comes again and again, and is never subnormal, which makes
// each bit and each number several times as slow.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { contextMixer } from '../../src/log/contextMixer.js';
import { numberModel } from '../../src/log/numberModel.js';

function checkNormal(numbers: Float64Array, what: string): void {
  for (const x of numbers) assert.ok(x === 0 || Math.abs(x) >= 2 ** -1022, `${what}: ${x} is subnormal`);
}

test('probabilities of bits that never come, each checked where they are corrected', () => {
  const mixer = contextMixer({ contexts: 2, extra: 1, sets: [2], tableBits: 8 });
  const refined = mixer.state['refined'] as Float64Array;
  mixer.contexts.set([1, 2]);
  for (let i = 0; i < 80_000; i++) {
    mixer.predict(1);
    mixer.learn(0);
    if (i % 100 === 0) checkNormal(refined, `bit ${i}`);
  }
  const zeros = refined.filter((x) => x === 0).length;
  assert.ok(zeros > 0);
  mixer.predict(1);
  mixer.learn(1);
  assert.ok(mixer.predict(1) > 0);
  assert.is(refined.filter((x) => x === 0).length, zeros - 1, 'a correction of 0 is learned again');
});

test('mean and variance of a number that is 0 again and again', () => {
  const model = numberModel();
  model.score(1, '17');
  for (let i = 0; i < 200_000; i++) {
    model.score(1, '0');
    if (i % 20_000 === 0) checkNormal(model.state.moments, `number ${i}`);
  }
  checkNormal(model.state.moments, 'at the end');
  assert.ok(model.score(1, '17') > 0);
});

test.run();
