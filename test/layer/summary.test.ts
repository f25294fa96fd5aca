// One row of a sequence, over the steps that exist; test/goldens/goldens.test.ts has torch's figures (ops-many-to-one).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dropout } from '../../src/layer/dropout.js';
import type { Layer } from '../../src/layer/layer.js';
import { lstm } from '../../src/layer/lstm.js';
import { summary } from '../../src/layer/summary.js';
import { buildLayers, buildModel } from '../../src/model/buildModel.js';
import type { Model, Tape } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { seeded } from '../../src/random/seeded.js';
import type { Dtype, Numbers, State } from '../../src/types.js';
import { centralDifferences } from '../support/centralDifferences.js';
import { normals, randomState } from './support.js';

const [STEPS, LANES, SIZE] = [6, 4, 4];
const POOLS = ['last', 'mean', 'max'] as const;
const masks: Readonly<Record<string, (t: number, lane: number) => boolean>> = {
  'no pads': () => true,
  'pads after': (t, lane) => t < [6, 3, 1, 0][lane]!,
  'pads before': (t, lane) => t >= [0, 3, 5, 6][lane]!,
  holes: (t, lane) => (t * t + 2 * lane) % 3 !== 0,
};
const maskOf = (real: (t: number, lane: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: STEPS * LANES }, (_, i) => Number(real(Math.floor(i / LANES), i % LANES)));
const made = (layer: Layer, dtype: Dtype = 'float64', backend: 'plain' | 'wasm' = 'wasm'): Model =>
  sequential({ it: layer }, { dtype, backend, random: seeded(2) });

/** A state in which a few steps were read already: counts are counts. */
function stateOf(model: Model, lanes: number): State {
  const state = randomState(model, lanes);
  state.get('it.count')?.data.forEach((_, lane, data) => (data[lane] = lane + 1));
  return state;
}

/** Forward and back from random gradients above; the tape keeps the numbers. */
function run(tape: Tape, input: Numbers, initial: State, atOutput: Numbers, atState: State, mask: Uint8Array): Numbers {
  tape.setState(initial);
  tape.forward(input, STEPS, { mask });
  const output = tape.output.slice(0, atOutput.length);
  tape.outputGradient.set(atOutput);
  tape.backward(atState, { inputGradient: true });
  return output;
}

for (const pool of POOLS) {
  for (const bidirectional of [false, true]) {
    const name = `${pool}, ${bidirectional ? 'both ways' : 'one way'}`;
    for (const [where, real] of Object.entries(masks)) {
      const mask = maskOf(real);
      test(`${name}, ${where}: the definition, step by step`, () => {
        for (const dtype of ['float32', 'float64'] as const) {
          const model = made(summary({ size: SIZE, pool, bidirectional }), dtype);
          const x = normals(model, STEPS * LANES * SIZE);
          const tape = model.tape(STEPS, LANES);
          tape.forward(x, STEPS, { mask });
          for (let lane = 0; lane < LANES; lane++) {
            const rows = [...mask.keys()].filter((row) => row % LANES === lane && mask[row] === 1);
            for (let row = lane; row < STEPS * LANES; row += LANES) {
              for (let i = 0; i < SIZE; i++) {
                const before = rows.filter((other) => other <= row).map((other) => x[other * SIZE + i]!);
                const whole = bidirectional && pool === 'last' && i >= SIZE / 2;
                const expected = {
                  last: whole ? before[0] : before.at(-1),
                  mean: before.reduce((sum, value) => sum + value, 0) / before.length,
                  max: Math.max(...before),
                }[pool];
                const got = tape.output[row * SIZE + i]!;
                if (mask[row] === 0) assert.is(got, 0);
                else assert.ok(Math.abs(got - expected!) < (dtype === 'float64' ? 1e-15 : 1e-6), `${got}, ${expected}`);
              }
            }
          }
        }
      });

      test(`${name}, ${where}: gradients against central differences`, () => {
        const model = made(summary({ size: SIZE, pool, bidirectional }));
        const tape = model.tape(STEPS + 1, LANES);
        const [input, initial, atState] = [
          normals(model, STEPS * LANES * SIZE),
          stateOf(model, LANES),
          randomState(model, LANES),
        ];
        const atOutput = normals(model, STEPS * LANES * SIZE);
        run(tape, input, initial, atOutput, atState, mask);
        const exact: [string, Numbers, Numbers][] = [
          ['input', input, tape.inputGradient().data],
          ...[...tape.stateGradient()].map(
            ([part, { data }]) => [part, initial.get(part)!.data, data] as [string, Numbers, Numbers],
          ),
        ];
        const objective = (): number => {
          tape.setState(initial);
          tape.forward(input, STEPS, { mask });
          let sum = 0;
          for (const [i, value] of atOutput.entries()) sum += value * tape.output[i]!;
          for (const [part, { data }] of tape.state()) {
            for (const [i, value] of data.entries()) sum += value * atState.get(part)!.data[i]!;
          }
          return sum;
        };
        for (const [what, numbers, gradient] of exact) {
          const { relative } = centralDifferences(numbers, gradient, objective);
          assert.ok(relative < 1e-6, `${what}: relative error ${relative} against central differences`);
        }
      });
    }

    test(`${name}: WebAssembly gives the bits of plain TypeScript, with any number of threads`, () => {
      for (const dtype of ['float32', 'float64'] as const) {
        const bits = (backend: 'plain' | 'wasm'): unknown => {
          const model = made(summary({ size: SIZE, pool, bidirectional }), dtype, backend);
          const tape = model.tape(STEPS, LANES);
          const rows = (scale: number): Numbers =>
            normals(model, 0).constructor === Float32Array
              ? Float32Array.from({ length: STEPS * LANES * SIZE }, (_, i) => Math.sin(scale * i))
              : Float64Array.from({ length: STEPS * LANES * SIZE }, (_, i) => Math.sin(scale * i));
          const output = run(
            tape,
            rows(1),
            model.zeroState(LANES),
            rows(2),
            model.zeroState(LANES),
            maskOf(masks['holes']!),
          );
          return [output, tape.inputGradient().data];
        };
        assert.equal(bits('wasm'), bits('plain'));
      }
    });
  }

  test(`${pool}: stepping gives the bits of unrolling, over the ends of windows, too`, () => {
    const layers = { lstm: lstm({ inputSize: 3, hiddenSize: SIZE }), it: summary({ size: SIZE, pool }) };
    const model = sequential(layers, { random: seeded(3) });
    const input = normals(model, STEPS * 3);
    const whole = model.tape(STEPS, 1);
    whole.forward(input, STEPS);
    const cut = model.tape(STEPS, 1);
    cut.forward(input.slice(0, 6), 2);
    cut.forward(input.slice(6), STEPS - 2);
    assert.equal(cut.output.subarray(0, 4 * SIZE), whole.output.subarray(2 * SIZE, STEPS * SIZE));
    let state = model.zeroState();
    for (let t = 0; t < STEPS; t++) {
      const stepped = model.step(input.slice(3 * t, 3 * t + 3), state);
      assert.equal(stepped.output.data, whole.output.subarray(t * SIZE, (t + 1) * SIZE));
      ({ state } = stepped);
    }
  });

  test(`${pool}: a lane that is reset forgets, the others do not`, () => {
    const model = made(summary({ size: 1, pool }));
    const tape = model.tape(2, 2);
    tape.forward(Float64Array.of(9, 9, 1, 1), 2);
    tape.forward(Float64Array.of(2, 2, 4, 4), 2, { resets: Uint8Array.of(1, 0) });
    assert.equal([...tape.output], { last: [2, 2, 4, 4], mean: [2, 4, 3, 4], max: [2, 9, 4, 9] }[pool]);
  });
}

test('max: on a tie the gradient goes to the earlier step', () => {
  const model = made(summary({ size: 1, pool: 'max' }));
  const tape = model.tape(3, 1);
  tape.forward(Float64Array.of(1, 1, 0), 3);
  tape.outputGradient.set([0, 0, 1]);
  tape.backward(undefined, { inputGradient: true });
  assert.equal([...tape.inputGradient().data], [1, 0, 0]);
});

test('refused: sizes and pools, tokens', () => {
  assert.throws(() => summary({ size: 0, pool: 'last' }), /^summary: size must be a positive integer, got 0$/);
  assert.throws(() => summary({ size: 2, pool: 'first' as 'last' }), /^summary: pool must be one of last, mean, max/);
  assert.throws(() => summary({ size: 3, pool: 'last', bidirectional: true }), /^summary: size must be even where/);
  assert.throws(() => made(summary({ size: 2, pool: 'last' })).step(1, new Map()), /takes features, got tokens/);
});

test('the last step of a bidirectional layer is refused unless the summary says which, also beyond layers in place', () => {
  const both = { inputSize: 2, hiddenSize: 2, bidirectional: true };
  const last = (said: { readonly bidirectional?: boolean } = {}): Layer => summary({ size: 4, pool: 'last', ...said });
  const refused = /^sequential: summary takes the last step of lstm, which is bidirectional: .*bidirectional: true/;
  assert.throws(() => sequential({ lstm: lstm(both), summary: last() }), refused);
  assert.throws(
    () => sequential({ lstm: lstm(both), drop: dropout({ rate: 0.5, size: 4 }), summary: last() }),
    refused,
  );
  for (const bidirectional of [true, false]) sequential({ lstm: lstm(both), summary: last({ bidirectional }) });
  sequential({ lstm: lstm(both), summary: summary({ size: 4, pool: 'mean' }) });
  sequential({ lstm: lstm(both), next: lstm({ inputSize: 4, hiddenSize: 4 }), summary: last() });
  sequential({ lstm: lstm({ ...both, hiddenSize: 4, bidirectional: false }), summary: last() });
});

test('a model whose summary says false after a bidirectional layer is saved and built as it was', () => {
  const model = sequential({
    lstm: lstm({ inputSize: 2, hiddenSize: 2, bidirectional: true }),
    summary: summary({ size: 4, pool: 'last', bidirectional: false }),
  });
  const built = buildModel(
    buildLayers(JSON.parse(JSON.stringify(model.configuration)), stateDict(model)),
    stateDict(model),
  );
  assert.equal(built.configuration, model.configuration);
});

test.run();
