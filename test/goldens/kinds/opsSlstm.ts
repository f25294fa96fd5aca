import { slstmCell } from '../../../src/index.js';
import type { Check } from '../checkGolden.js';
import { throughLayer } from './throughLayer.js';

/** sLSTM in one layer: outputs, final states and all gradients, with those from above at any of the states. */
export const opsSlstm: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    const { id, heads, weights, input_size: inputSize, hidden_size: hiddenSize, batch: lanes, seq: steps } = golden;
    const states = ['h', 'c', 'n', 'm'];
    throughLayer(
      {
        name: id,
        layer: slstmCell({ inputSize, hiddenSize, heads, bias: 'bias' in weights }),
        steps,
        lanes,
        input: golden.x.data,
        weights,
        state: Object.fromEntries(
          states.map((name) => [name, { initial: golden[`${name}0`], gradient: golden[`grad_${name}n`] }]),
        ),
        outputGradient: golden.grad_y.data,
        golden,
        names: {
          output: 'y',
          final: Object.fromEntries(states.map((name) => [name, `${name}n`])),
          initial: Object.fromEntries(states.map((name) => [name, `${name}0`])),
        },
        agreement: { float64: 1e-12, float32: String(id).includes('large-i') ? 1e-4 : 5e-6 },
      },
      compare,
    );
  }
};
