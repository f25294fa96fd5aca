import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { contextMixer } from '../../src/log/contextMixer.js';

const SMALLEST_NORMAL = 2.2250738585072014e-308; // with what is smaller processors are slow

function isSlow(x: number): boolean {
  return x !== 0 && Math.abs(x) < SMALLEST_NORMAL;
}

test('corrections of bits that are always the same end as 0, and the predictions stay probabilities', () => {
  const mixer = contextMixer({ contexts: 2, extra: 0, sets: [1], tableBits: 8 });
  const refined = mixer.state['refined']!;
  const before = Math.min(...refined);
  let p = 1;
  for (let i = 0; i < 60_000; i++) {
    p = mixer.predict(1);
    mixer.learn(0);
  }
  assert.ok(before > 0);
  assert.is(Math.min(...refined), 0);
  assert.equal(Array.from(refined).filter(isSlow), []);
  assert.ok(p > 0 && p < 0.001, `${p}`);
  const zeros = refined.filter((one) => one === 0).length;
  mixer.learn(1);
  assert.is(refined.filter((one) => one === 0).length, zeros - 1, 'a correction of 0 is learned again');
});

test.run();
