import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { zeros } from '../../src/kernel/zeros.js';
import { gru } from '../../src/layer/gru.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { sequential } from '../../src/model/sequential.js';
import type { Numbers } from '../../src/types.js';

const model = sequential({
  lstm: lstm({ inputSize: 5, hiddenSize: 3, numLayers: 2 }),
  gru: gru({ inputSize: 3, hiddenSize: 2 }),
  linear: linear({ inputSize: 2, outputSize: 5 }),
});
const SIZE = 2 * 2 * 3 + 2;

test('a lane read and written elsewhere continues with the same bits', () => {
  const [from, to] = [model.tape(1, 3), model.tape(1, 2)];
  from.forward(Int32Array.of(1, 2, 3), 1);
  from.forward(Int32Array.of(4, 0, 1), 1);
  const numbers = new Float32Array(SIZE + 4);
  from.readLane(1, numbers, 4);
  to.writeLane(0, numbers, 4);
  from.forward(Int32Array.of(2, 3, 4), 1);
  to.forward(Int32Array.of(3, 0), 1);
  assert.equal(to.output.slice(0, 5), from.output.slice(5, 10));
});

test('a lane is the parts of the state, one after another', () => {
  const tape = model.tape(1, 2);
  tape.forward(Int32Array.of(1, 2), 1);
  const numbers = new Float32Array(SIZE);
  tape.readLane(1, numbers);
  const expected = [...tape.state().values()].flatMap(({ shape, data }) => {
    const [depth, lanes, size] = shape as [number, number, number];
    return Array.from({ length: depth }, (_, d) =>
      Array.from(data.subarray((d * lanes + 1) * size, (d * lanes + 2) * size)),
    );
  });
  assert.equal([...numbers], expected.flat());
});

const models = {
  'several layers': model,
  'one layer of one part': sequential({ gru: gru({ inputSize: 5, hiddenSize: 4 }) }),
  'float64, plain': sequential(
    { lstm: lstm({ inputSize: 5, hiddenSize: 3 }), linear: linear({ inputSize: 3, outputSize: 2 }) },
    { dtype: 'float64', backend: 'plain' },
  ),
};
for (const [name, model] of Object.entries(models)) {
  const size = [...model.zeroState().values()].reduce((sum, { data }) => sum + data.length, 0);
  const numbersFor = (lanes: number) => zeros(model.dtype, 5 + lanes * size);
  const places = [2, 0, 1, 3].map((slot) => 5 + slot * size); // in no order, not from 0 on
  const placesIn = (numbers: Numbers) => places.map((place) => ({ numbers, place }));

  test(`${name}: several lanes read together are those read one by one`, () => {
    const tape = model.tape(1, 4);
    tape.forward(Int32Array.of(1, 2, 3, 4), 1);
    for (const rows of [3, 4]) {
      const [together, single] = [numbersFor(4), numbersFor(4)];
      tape.readLanes(placesIn(together), rows);
      for (let lane = 0; lane < rows; lane++) tape.readLane(lane, single, places[lane]);
      assert.equal(together, single);
      assert.is(single.filter((number) => number !== 0).length, rows * size);
    }
  });

  test(`${name}: several lanes written together are those written one by one, and the others stay`, () => {
    const [together, single] = [model.tape(1, 4), model.tape(1, 4)];
    const numbers = numbersFor(4).map((_, i) => i / 8);
    for (const rows of [0, 3, 4]) {
      for (const tape of [together, single]) tape.forward(Int32Array.of(1, 2, 3, 4), 1);
      together.writeLanes(placesIn(numbers), rows);
      for (let lane = 0; lane < rows; lane++) single.writeLane(lane, numbers, places[lane]);
      assert.equal(together.state(), single.state());
    }
  });
}

test('refused: more lanes than there are, or places too small', () => {
  const [numbers, tape] = [new Float32Array(2 * SIZE), model.tape(1, 2)];
  const places = [0, SIZE, 0].map((place) => ({ numbers, place }));
  const mistakes = [
    [places, 3, 'rows must be an integer from 0 to 2, got 3'],
    [places, 0.5, 'rows must be an integer from 0 to 2, got 0.5'],
    [places.slice(0, 1), 2, 'rows must be an integer from 0 to 1, got 2'],
    [
      [{ numbers, place: SIZE + 1 }],
      1,
      `the state of a lane has 14 numbers; from ${SIZE + 1} on there are not as many`,
    ],
    [[{ numbers, place: -1 }], 1, 'the state of a lane has 14 numbers; from -1 on there are not as many'],
  ] as const;
  for (const [some, rows, message] of mistakes) {
    for (const who of ['readLanes', 'writeLanes'] as const) {
      assert.throws(
        () => tape[who](some, rows),
        (error: Error) => error.message === `${who}: ${message}`,
      );
    }
  }
  tape.release();
  assert.throws(() => tape.writeLanes(places.slice(0, 1)), /this tape was released/);
});

for (const [lane, length, place, message] of [
  [2, SIZE, 0, 'readLane: lane must be an integer from 0 to 1, got 2'],
  [-1, SIZE, 0, 'readLane: lane must be an integer from 0 to 1, got -1'],
  [0, SIZE - 1, 0, 'readLane: the state of a lane has 14 numbers; from 0 on there are not as many'],
  [0, SIZE, 1, 'readLane: the state of a lane has 14 numbers; from 1 on there are not as many'],
] as const) {
  test(`refused: ${message}`, () => {
    assert.throws(
      () => model.tape(1, 2).readLane(lane, new Float32Array(length), place),
      (error: Error) => error.message.includes(message),
    );
    const write = (): void => model.tape(1, 2).writeLane(lane, new Float32Array(length), place);
    assert.throws(write, (error: Error) => error.message.includes(message.replace('readLane', 'writeLane')));
  });
}

test.run();
