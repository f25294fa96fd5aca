// The float32 functions of the WebAssembly kernel over the whole range: every 2111th float of both signs, against the
// double precision ones. Bound: 2 units in the last place; printed: the largest error met.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exp } from '../../../src/kernel/math/exp.js';
import { sigmoid } from '../../../src/kernel/math/sigmoid.js';
import { tanh } from '../../../src/kernel/math/tanh.js';
import { wasm } from '../../../src/kernel/wasm/wasm.js';

const kernel = wasm('float32');
const COUNT = 1 << 16;
const STRIDE = 2111;

const floats = new Float32Array(1);
const words = new Int32Array(floats.buffer);

/** The distance from a float to the next one, at a number's size. */
function ulp(x: number): number {
  floats[0] = Math.abs(x);
  words[0]!++;
  const next = floats[0];
  words[0]!--;
  return next - floats[0];
}

/** `f` over `count` numbers at once. */
type Vector = (y: Float32Array, count: number) => void;

for (const [name, vector, exact] of [
  ['tanh', (y, count) => kernel.activate('tanh', y, count), tanh],
  ['sigmoid', (y, count) => kernel.activate('sigmoid', y, count), sigmoid],
] as [string, Vector, (x: number) => number][]) {
  test(`${name} is within 2 units in the last place over all floats`, () => {
    const x = new Float32Array(COUNT);
    const bits = new Int32Array(x.buffer);
    const y = kernel.allocate(COUNT) as Float32Array;
    let worst = 0;
    let at = 0;
    for (let word = 0; word < 0x7f800000;) {
      let count = 0;
      for (; count + 1 < COUNT && word < 0x7f800000; word += STRIDE) {
        bits[count++] = word;
        bits[count++] = word | 0x80000000;
      }
      y.set(x.subarray(0, count));
      vector(y, count);
      for (let i = 0; i < count; i++) {
        const expected = exact(x[i]!);
        const error = Math.abs(y[i]! - expected) / ulp(expected);
        if (error > worst) [worst, at] = [error, x[i]!];
      }
    }
    console.log(`${name}: at most ${worst.toFixed(2)} units in the last place, at ${at}`);
    assert.ok(worst <= 2, `${worst} at ${at}`);
  });
}

test('exp is within 2 units in the last place, down to the smallest float', () => {
  // softmax of two numbers whose largest is 0 writes e^x / (1 + e^x): where e^x is below 2^-26, e^x itself
  let worst = 0;
  const y = kernel.allocate(2 * COUNT) as Float32Array;
  const at = (i: number): number => Math.fround(-19 - (85 * i) / COUNT);
  for (let i = 0; i < COUNT; i++) [y[2 * i], y[2 * i + 1]] = [at(i), 0];
  kernel.softmax(y, COUNT, 2);
  for (let i = 0; i < COUNT; i++) {
    const expected = exp(at(i));
    worst = Math.max(worst, Math.abs(y[2 * i]! - expected) / ulp(expected));
  }
  console.log(`exp: at most ${worst.toFixed(2)} units in the last place`);
  assert.ok(worst <= 2, String(worst));
});

test.run();
