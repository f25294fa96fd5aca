import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gru } from '../../src/layer/gru.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { sequential } from '../../src/model/sequential.js';

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
