// A tape that cannot be made leaves the model, its memory and the other runs as they were.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Layer, linear, lstm, sequential } from '../../src/index.js';

const readout = linear({ inputSize: 4, outputSize: 2 });
/** A readout that has no tape of several lanes. */
const oneLane: Layer = {
  ...readout,
  tape(context) {
    if (context.lanes > 1) throw new RangeError('readout: one lane only');
    return readout.tape(context);
  },
};

test('a step after one whose tape could not be made writes into buffers of its own', () => {
  const model = sequential({ lstm: lstm({ inputSize: 3, hiddenSize: 4 }), readout: oneLane });
  const { state } = model.step(0, model.zeroState());
  assert.throws(() => model.step(Int32Array.of(0, 1), model.zeroState(2)), /^readout: one lane only$/);
  const other = model.tape(1, 1); // takes what the failed step has released
  model.step(0, state);
  assert.equal([...other.state().get('lstm.h')!.data], [0, 0, 0, 0]);
});

test('a tape that fails half made gives back what it has taken', () => {
  const model = sequential({ lstm: lstm({ inputSize: 3, hiddenSize: 4 }), readout: oneLane });
  const { kernel } = model as unknown as { kernel: { memory: { buffer: ArrayBufferLike } } };
  const before = kernel.memory.buffer.byteLength;
  for (let i = 0; i < 50; i++) assert.throws(() => model.tape(4096, 2), /^readout: one lane only$/);
  for (let i = 0; i < 50; i++) assert.throws(() => model.step(new Int32Array(8192), model.zeroState(8192)), /one lane/);
  // one such tape takes about 1 MB: the sums, tanh c, h and c of the lstm, before the readout throws
  assert.ok(kernel.memory.buffer.byteLength - before < 4_000_000, `${kernel.memory.buffer.byteLength - before} bytes`);
});

test.run();
