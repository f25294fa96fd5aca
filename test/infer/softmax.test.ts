import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { softmax } from '../../src/infer/softmax.js';

function near(found: Float64Array, expected: readonly number[]): void {
  assert.is(found.length, expected.length);
  for (const [i, p] of found.entries()) assert.ok(Math.abs(p - expected[i]!) < 1e-15, `${i}: ${p}`);
}

/** e^(x/t) over their sum, by the engine's mathematics. */
function plain(logits: readonly number[], temperature: number): number[] {
  const weights = logits.map((x) => Math.exp(x / temperature));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

const LOGITS = [0.5, -1, 2, 0];

for (const temperature of [0.25, 1, 4]) {
  test(`temperature ${temperature} divides the logits`, () =>
    near(softmax(Float64Array.from(LOGITS), temperature), plain(LOGITS, temperature)));
}

test('the temperature is 1 by default', () => {
  assert.equal(softmax(Float64Array.from(LOGITS)), softmax(Float64Array.from(LOGITS), 1));
});

test('a low temperature leaves the largest, a high one makes all alike', () => {
  assert.equal([...softmax(Float64Array.from(LOGITS), 1e-300)], [0, 0, 1, 0]);
  assert.equal([...softmax(Float64Array.from(LOGITS), Infinity)], [0.25, 0.25, 0.25, 0.25]);
  assert.equal([...softmax(Float64Array.of(0, -Infinity, 1), Infinity)], [0.5, 0, 0.5]);
});

test('float32 logits give double precision, and are not written', () => {
  const logits = Float32Array.from(LOGITS);
  const found = softmax(logits);
  assert.ok(found instanceof Float64Array);
  near(found, plain(LOGITS, 1));
  assert.equal([...logits], LOGITS);
});

test('logits however large, or −Infinity, have probabilities', () => {
  assert.equal([...softmax(Float64Array.of(1e300, 1e300, -1e300))], [0.5, 0.5, 0]);
  assert.equal([...softmax(Float64Array.of(-Infinity, 3, 3))], [0, 0.5, 0.5]);
});

for (const temperature of [0, -1, NaN]) {
  test(`refused: temperature ${temperature}`, () =>
    assert.throws(
      () => softmax(Float64Array.of(1, 2), temperature),
      (error: unknown) =>
        error instanceof RangeError &&
        error.message === `softmax: temperature must be a positive number, got ${temperature}`,
    ));
}

for (const logits of [
  [NaN, 0],
  [0, NaN],
  [Infinity, 0],
  [0, Infinity],
  [-Infinity, -Infinity],
]) {
  test(`refused: logits ${logits.join(', ')}`, () =>
    assert.throws(
      () => softmax(Float64Array.from(logits)),
      (error: unknown) => error instanceof RangeError && error.message === 'softmax: the logits are not finite',
    ));
}

test.run();
