import { type CellOptions, gruCell, type Layer, lstmCell, rnnCell } from '../../../src/index.js';
import type { Check } from '../checkGolden.js';
import { throughLayer } from './throughLayer.js';

const CELLS: Readonly<Record<string, (options: CellOptions) => Layer>> = {
  RNNCell_TANH: (options) => rnnCell({ ...options, nonlinearity: 'tanh' }),
  RNNCell_RELU: (options) => rnnCell({ ...options, nonlinearity: 'relu' }),
  LSTMCell: lstmCell,
  GRUCell: gruCell,
};

/** torch's single cells, one step. The output of a layer is its state `h`; the file has its gradient as `grad_h`. */
export const opsCells: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    const { id, kind, bias, batch: lanes, weights, x } = golden;
    const make = CELLS[kind];
    if (!make) throw new Error(`${id}: unknown cell ${kind}`);
    throughLayer(
      {
        name: id,
        layer: make({ inputSize: golden.input_size, hiddenSize: golden.hidden_size, bias }),
        steps: 1,
        lanes,
        input: x.data,
        weights,
        state: {
          h: { initial: golden.h0, gradient: undefined },
          ...(kind === 'LSTMCell' && { c: { initial: golden.c0, gradient: golden.grad_c } }),
        },
        outputGradient: golden.grad_h.data,
        golden,
        names: { output: 'h', final: { c: 'c' }, initial: { h: 'h0', c: 'c0' } },
      },
      compare,
    );
  }
};
