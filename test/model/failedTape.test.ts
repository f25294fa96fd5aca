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

test.run();
