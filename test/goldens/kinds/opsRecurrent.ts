import { gru, type Layer, lstm, type RecurrentOptions, rnn } from '../../../src/index.js';
import type { Check } from '../checkGolden.js';
import { throughLayer } from './throughLayer.js';

const LAYERS: Readonly<Record<string, (options: RecurrentOptions) => Layer>> = {
  RNN_TANH: (options) => rnn({ ...options, nonlinearity: 'tanh' }),
  RNN_RELU: (options) => rnn({ ...options, nonlinearity: 'relu' }),
  LSTM: lstm,
  GRU: gru,
};

/** torch's recurrent layers: outputs, final states and all gradients, with gradients from above at both. */
export const opsRecurrent: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    const { id, kind, num_layers: numLayers, bidirectional, bias, weights, x } = golden;
    const make = LAYERS[kind];
    if (!make) throw new Error(`${id}: unknown layer ${kind}`);
    const { input_size: inputSize, hidden_size: hiddenSize, batch: lanes, seq: steps } = golden;
    throughLayer(
      {
        name: id,
        layer: make({ inputSize, hiddenSize, numLayers, bidirectional, bias }),
        steps,
        lanes,
        input: x.data,
        weights,
        state: {
          h: { initial: golden.h0, gradient: golden.grad_hn },
          ...(kind === 'LSTM' && { c: { initial: golden.c0, gradient: golden.grad_cn } }),
        },
        outputGradient: golden.grad_y.data,
        golden,
        names: { output: 'y', final: { h: 'hn', c: 'cn' }, initial: { h: 'h0', c: 'c0' } },
      },
      compare,
    );
  }
};
