// A token beside numbers; test/goldens/goldens.test.ts has torch's figures (ops-embedding-mixed).
import { of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embedColumn } from '../../src/layer/embedColumn.js';
import { lstm } from '../../src/layer/lstm.js';
import { unroll } from '../../src/learn/unroll.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import type { Numbers, Window } from '../../src/types.js';
import { centralDifferences } from '../support/centralDifferences.js';
import { collected } from '../learn/support.js';
import { normals } from './support.js';

const [STEPS, LANES] = [5, 3];
const ROWS = STEPS * LANES;

/** Rows of three columns, of which those named are tokens. */
function rows(model: Model, tokens: Readonly<Record<number, number>>): Numbers {
  const x = normals(model, ROWS * 3);
  for (const [column, size] of Object.entries(tokens)) {
    for (let row = 0; row < ROWS; row++) x[row * 3 + Number(column)] = ((row * 7 + 3) % (size + 1)) - 1;
  }
  return x;
}

for (const column of [0, 1, 2]) {
  test(`column ${column}: its row of the table, the other columns beside it; gradients against central differences`, () => {
    const layer = embedColumn({ inputSize: 3, column, tokens: 4, embeddingSize: 2, paddingIndex: 2 });
    const model = sequential({ it: layer }, { dtype: 'float64', random: seeded(1) });
    const x = rows(model, { [column]: 4 });
    const tape = model.tape(STEPS + 1, LANES);
    tape.forward(x, STEPS);
    const table = model.weights.tensors.get('it.weight')!.data;
    assert.equal([...table.subarray(4, 6)], [0, 0]);
    for (let row = 0; row < ROWS; row++) {
      const own = [...x.subarray(row * 3, row * 3 + 3)];
      const token = own[column]!;
      own.splice(column, 1, ...(token < 0 ? [0, 0] : table.subarray(2 * token, 2 * token + 2)));
      assert.equal([...tape.output.subarray(row * 4, row * 4 + 4)], own);
    }
    const atOutput = normals(model, ROWS * 4);
    tape.outputGradient.set(atOutput);
    tape.backward(undefined, { inputGradient: true });
    const [weight, atInput] = [tape.gradients.tensors.get('it.weight')!.data.slice(), tape.inputGradient().data];
    assert.equal([...weight.subarray(4, 6)], [0, 0], 'the padding gets no gradient');
    const objective = (): number => {
      model.kernel.weightsChanged();
      tape.forward(x, STEPS);
      let sum = 0;
      for (const [i, value] of atOutput.entries()) sum += value * tape.output[i]!;
      return sum;
    };
    const learned = (data: Numbers): Numbers => data.subarray(0, 4);
    assert.ok(centralDifferences(learned(table), learned(weight), objective).relative < 1e-6);
    for (let i = 0; i < x.length; i++) {
      if (i % 3 === column) assert.is(atInput[i], 0, 'a token has no gradient');
      else assert.is(atInput[i], atOutput[Math.floor(i / 3) * 4 + (i % 3 < column ? i % 3 : (i % 3) + 1)]);
    }
  });
}

test('two columns are two layers, the last column first; stepping gives the bits of unrolling, plain those of wasm', () => {
  const run = (dtype: 'float32' | 'float64', backend: 'plain' | 'wasm'): number[] => {
    const layers = {
      second: embedColumn({ inputSize: 3, column: 2, tokens: 5, embeddingSize: 3 }),
      first: embedColumn({ inputSize: 5, tokens: 4, embeddingSize: 2 }),
      lstm: lstm({ inputSize: 6, hiddenSize: 3 }),
    };
    const model = sequential(layers, { dtype, backend, random: seeded(4) });
    const x = Float64Array.from({ length: ROWS * 3 }, (_, i) => (i % 3 === 1 ? i / 10 : i % 4));
    const tape = model.tape(STEPS, LANES);
    tape.forward(x, STEPS);
    let state = model.zeroState(LANES);
    for (let t = 0; t < STEPS; t++) {
      const stepped = model.step(x.subarray(t * 9, t * 9 + 9), state);
      assert.equal(stepped.output.data, tape.output.subarray(t * 9, t * 9 + 9));
      ({ state } = stepped);
    }
    return [...tape.output];
  };
  assert.equal(run('float64', 'plain'), run('float64', 'wasm'));
  assert.ok(run('float32', 'plain').every((value, i) => Math.abs(value - run('float32', 'wasm')[i]!) < 1e-6));
});

test('refused before anything of the window is written: numbers that are not tokens, but not under the mask', () => {
  const model = sequential({
    it: embedColumn({ inputSize: 2, tokens: 3, embeddingSize: 1 }),
    lstm: lstm({ inputSize: 2, hiddenSize: 2 }),
  });
  const inputs = (token: number): Float32Array => Float32Array.of(2, 0.5, token, 0.5);
  const window = (token: number): Window => ({
    steps: 2,
    lanes: 1,
    inputs: inputs(token),
    targets: new Float32Array(4),
  });
  for (const bad of [3, -2, 0.5, NaN]) {
    const { error } = collected(of(window(bad)).pipe(unroll(model)));
    assert.match(
      error!.message,
      `embedColumn: column 0 must be a token, an integer from -1 to 2, got ${bad} in row 1 of the window`,
    );
    const tape = model.tape(2, 1);
    assert.throws(() => tape.forward(inputs(bad), 2), /must be a token/);
    assert.is(tape.passes, 0);
    tape.forward(inputs(bad), 2, { mask: Uint8Array.of(1, 0) });
  }
});

test('refused: options', () => {
  const sizes = { inputSize: 2, tokens: 3, embeddingSize: 1 };
  assert.throws(
    () => embedColumn({ ...sizes, column: 2 }),
    /^embedColumn: column must be an integer from 0 to 1, got 2$/,
  );
  assert.throws(() => embedColumn({ ...sizes, tokens: 0 }), /^embedColumn: tokens must be a positive integer/);
  assert.throws(() => embedColumn({ ...sizes, paddingIndex: 3 }), /^embedColumn: paddingIndex must be/);
});

test.run();
