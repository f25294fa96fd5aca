// Sequences of different length in one window: a lane that is padding at a step passes over it, as torch's packed ones.
import { of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Layer, LayerInput } from '../../src/layer/layer.js';
import { linear } from '../../src/layer/linear.js';
import { unroll } from '../../src/learn/unroll.js';
import type { Model, Tape } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import type { Numbers, State, Window } from '../../src/types.js';
import { first } from '../learn/first.js';
import { cells, layers, normals, randomState, restartDraws, tokens, variants } from './support.js';
import { centralDifferences } from '../support/centralDifferences.js';

const STEPS = 7;
const LENGTHS = [7, 3, 1, 5, 0];
const LANES = LENGTHS.length;
const FEATURES = 3;

/** Ragged on the right, as `sequences` pads; on the left; and with holes. */
const masks: Readonly<Record<string, (t: number, lane: number) => boolean>> = {
  'pads after': (t, lane) => t < LENGTHS[lane]!,
  'pads before': (t, lane) => t >= STEPS - LENGTHS[lane]!,
  holes: (t, lane) => (t * t + 2 * lane) % 3 !== 0 && lane !== 4,
};

function maskOf(real: (t: number, lane: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: STEPS * LANES }, (_, i) => Number(real(Math.floor(i / LANES), i % LANES)));
}

interface Run {
  readonly output: Numbers;
  readonly state: State;
  readonly learned: Numbers;
  readonly atInput: Numbers;
  readonly atInitial: State;
}

interface Given {
  readonly input: Numbers;
  readonly initial: State;
  readonly atOutput: Numbers;
  readonly atState: State;
}

/** Forward and back, from the gradients at output and final state. */
function run(tape: Tape, steps: number, { input, initial, atOutput, atState }: Given, mask?: Uint8Array): Run {
  tape.setState(initial);
  tape.forward(input, steps, { mask });
  const output = tape.output.slice(0, atOutput.length);
  const state = tape.state();
  tape.outputGradient.set(atOutput);
  tape.backward(atState, { inputGradient: true });
  assert.equal(tape.output.subarray(0, atOutput.length), output, 'the backward pass leaves the output as it was');
  return {
    output,
    state,
    learned: Float64Array.from(tape.gradients.learned),
    atInput: tape.inputGradient().data,
    atInitial: tape.stateGradient(),
  };
}

function given(model: Model, steps: number, lanes: number): Given {
  restartDraws(11);
  return {
    input: normals(model, steps * lanes * model.inputSize),
    initial: randomState(model, lanes),
    atOutput: normals(model, steps * lanes * model.outputSize),
    atState: randomState(model, lanes),
  };
}

/** The rows of a lane where it is real. */
function rowsOf(numbers: Numbers, lane: number, size: number, mask: Uint8Array, wanted = 1): Numbers {
  return numbers.filter((_, i) => Math.floor(i / size) % LANES === lane && mask[Math.floor(i / size)] === wanted);
}

function laneOf(state: State, lane: number): State {
  return new Map(
    [...state].map(([name, { shape, data }]) => {
      const [depth, lanes, size] = shape as [number, number, number];
      return [
        name,
        { shape: [depth, 1, size], data: data.filter((_, i) => Math.floor(i / size) % lanes === lane) },
      ] as const;
    }),
  );
}

const numbersOf = (state: State): number[] => [...state.values()].flatMap(({ data }) => [...data]);

const kinds: [name: string, make: () => Layer][] = Object.entries(layers).flatMap(([kind, make]) =>
  [1, 2].flatMap((numLayers) =>
    [false, true]
      .filter((bidirectional) => ['rnn', 'lstm', 'gru'].includes(kind) || (numLayers === 2) === bidirectional)
      .map((bidirectional): [string, () => Layer] => [
        `${kind}, ${numLayers} layers, ${bidirectional ? 'both ways' : 'one way'}`,
        () => make({ inputSize: FEATURES, hiddenSize: 4, numLayers, bidirectional }),
      ]),
  ),
);
kinds.push(
  ...Object.entries(variants).map(([kind, make]): [string, () => Layer] => [
    kind,
    () => make({ inputSize: FEATURES, hiddenSize: 4 }),
  ]),
);
kinds.push(
  ...['rnnCell', 'lstmCell', 'gruCell']
    .map((kind) => [kind, cells[kind]!] as const)
    .map(([kind, make]): [string, () => Layer] => [kind, () => make({ inputSize: FEATURES, hiddenSize: 4 })]),
);

for (const [kind, make] of kinds) {
  for (const [where, real] of Object.entries(masks)) {
    const mask = maskOf(real);
    for (const dtype of ['float32', 'float64'] as const) {
      test(`${dtype} ${kind}, ${where}: each lane has the bits of its real steps run alone`, () => {
        const model = sequential({ it: make() }, { dtype, random: seeded(5) });
        const all = given(model, STEPS, LANES);
        const tape = model.tape(STEPS + 1, LANES);
        const together = run(tape, STEPS, all, mask);
        for (let lane = 0; lane < LANES; lane++) {
          const steps = mask.filter((flag, i) => flag === 1 && i % LANES === lane).length;
          const own = {
            input: rowsOf(all.input, lane, FEATURES, mask),
            initial: laneOf(all.initial, lane),
            atOutput: rowsOf(all.atOutput, lane, model.outputSize, mask),
            atState: laneOf(all.atState, lane),
          };
          const pads = rowsOf(together.output, lane, model.outputSize, mask, 0);
          assert.ok(
            [...pads, ...rowsOf(together.atInput, lane, FEATURES, mask, 0)].every((value) => value === 0),
            `lane ${lane}: zeros at its pads`,
          );
          if (steps === 0) {
            assert.equal(numbersOf(laneOf(together.state, lane)), numbersOf(own.initial));
            assert.equal(numbersOf(laneOf(together.atInitial, lane)), numbersOf(own.atState));
            continue;
          }
          const alone = run(model.tape(steps, 1), steps, own);
          assert.equal(rowsOf(together.output, lane, model.outputSize, mask), alone.output, `lane ${lane}: output`);
          assert.equal(numbersOf(laneOf(together.state, lane)), numbersOf(alone.state), `lane ${lane}: state`);
          assert.equal(rowsOf(together.atInput, lane, FEATURES, mask), alone.atInput, `lane ${lane}: at input`);
          assert.equal(
            numbersOf(laneOf(together.atInitial, lane)),
            numbersOf(alone.atInitial),
            `lane ${lane}: at initial state`,
          );
          // its share of the weights' gradients: the others hand nothing back
          const others = (state: State): State =>
            new Map(
              [...state].map(([name, { shape, data }]) => {
                const size = shape[2]!;
                const kept = data.map((value, i) => (Math.floor(i / size) % LANES === lane ? value : 0));
                return [name, { shape, data: kept }];
              }),
            );
          const share = run(
            tape,
            STEPS,
            {
              ...all,
              atOutput: all.atOutput.map((value, i) => (Math.floor(i / model.outputSize) % LANES === lane ? value : 0)),
              atState: others(all.atState),
            },
            mask,
          );
          // float32 rounds its sums four rows at a time, and the pads lie in between
          const slack = dtype === 'float64' ? 0 : 1e-5;
          assert.ok(
            alone.learned.every(
              (value, i) => Math.abs(value - share.learned[i]!) <= slack * Math.max(1, Math.abs(value)),
            ),
            `lane ${lane}: gradients of the weights`,
          );
        }
      });
    }

    test(`${kind}, ${where}: gradients against central differences`, () => {
      const model = sequential({ it: make() }, { dtype: 'float64', random: seeded(7) });
      const all = given(model, STEPS, LANES);
      const tape = model.tape(STEPS, LANES);
      const { learned, atInput, atInitial } = run(tape, STEPS, all, mask);
      const gradient = new Map([...tape.gradients.tensors].map(([name, { data }]) => [name, data.slice()]));
      assert.ok(learned.some((value) => value !== 0));
      const objective = (): number => {
        model.kernel.weightsChanged();
        tape.setState(all.initial);
        tape.forward(all.input, STEPS, { mask });
        let sum = 0;
        for (const [i, value] of tape.output.entries()) sum += value * all.atOutput[i]!;
        for (const [name, { data }] of tape.state()) {
          for (const [i, value] of data.entries()) sum += value * all.atState.get(name)!.data[i]!;
        }
        return sum;
      };
      const checks: [string, Numbers, Numbers][] = [
        ...[...model.weights.tensors].map(([name, { data }]): [string, Numbers, Numbers] => [
          name,
          data,
          gradient.get(name)!,
        ]),
        ...[...all.initial].map(([name, { data }]): [string, Numbers, Numbers] => [
          `initial ${name}`,
          data,
          atInitial.get(name)!.data,
        ]),
        ['input', all.input, atInput],
      ];
      for (const [name, numbers, exact] of checks) {
        const { relative, zeros } = centralDifferences(numbers, exact, objective);
        assert.not.ok(zeros, `${name}: a gradient of zeros proves nothing`);
        assert.ok(relative < 1e-6, `${name}: relative error ${relative} against central differences`);
      }
    });
  }

  test(`${kind}: a mask without padding gives the bits of no mask`, () => {
    const model = sequential({ it: make() }, { random: seeded(5) });
    const all = given(model, STEPS, LANES);
    const tape = model.tape(STEPS, LANES);
    const masked = run(tape, STEPS, all, new Uint8Array(STEPS * LANES).fill(1));
    assert.equal(run(tape, STEPS, all), masked);
  });

  test(`${kind}: the values of the pads do not matter, and the mask of one window is not that of the next`, () => {
    const model = sequential({ it: make() }, { random: seeded(5) });
    const mask = maskOf(masks['pads after']!);
    const all = given(model, STEPS, LANES);
    const input = all.input.map((value, i) => (mask[Math.floor(i / FEATURES)] === 1 ? value : 1e3));
    const tape = model.tape(STEPS, LANES);
    const plain = run(tape, STEPS, all);
    const masked = run(tape, STEPS, all, mask);
    assert.equal(run(tape, STEPS, { ...all, input }, mask), masked);
    assert.equal(run(tape, STEPS, all), plain);
    assert.not.equal(masked.output, plain.output);
  });
}

test('unroll hands the mask on: the state of a lane continues from its last real step', () => {
  const parts = {
    it: layers['gru']!({ inputSize: 6, hiddenSize: 4 }),
    linear: linear({ inputSize: 4, outputSize: 2 }),
  };
  const model = sequential(parts, { random: seeded(1) });
  const input: LayerInput = tokens(6, 6, 0);
  const targets = new Int32Array(6);
  const window: Window = { steps: 3, lanes: 2, inputs: input, targets, mask: Uint8Array.of(1, 1, 1, 0, 1, 0) };
  const { tape } = first(of(window).pipe(unroll(model)));
  const ran = model.tape(3, 1);
  ran.forward(input.subarray(1, 2), 1);
  assert.equal(numbersOf(laneOf(tape.state(), 1)), numbersOf(ran.state()));
  const bias = [...model.weights.tensors.get('linear.bias')!.data];
  assert.equal([...tape.output.subarray(6, 8)], bias, 'the readout sees zeros');
});

test('a mask of another size is refused', () => {
  const tape = sequential({ it: layers['rnn']!({ inputSize: 6, hiddenSize: 4 }) }).tape(3, 2);
  const mask = new Uint8Array(5);
  assert.throws(() => tape.forward(tokens(6, 6), 3, { mask }), /mask needs 6 flags, got 5/);
});

test.run();
