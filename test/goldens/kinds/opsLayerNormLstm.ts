import { lstmCell } from '../../../src/index.js';
import type { Check } from '../checkGolden.js';
import { throughLayer } from './throughLayer.js';

/** An LSTM with layer norm, in one layer: outputs, final states and all gradients, with those from above at all of them. */
export const opsLayerNormLstm: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    const { id, cell_norm: cellNorm, eps, weights, input_size: inputSize, hidden_size: hiddenSize } = golden;
    const bias = 'layernorm_i.bias' in weights;
    const layerNorm = cellNorm === 'none' ? 'gates' : cellNorm;
    throughLayer(
      {
        name: id,
        layer: lstmCell({ inputSize, hiddenSize, bias, layerNorm, layerNormEpsilon: eps }),
        steps: golden.seq,
        lanes: golden.batch,
        input: golden.x.data,
        weights,
        state: {
          h: { initial: golden.h0, gradient: golden.grad_hn },
          c: { initial: golden.c0, gradient: golden.grad_cn },
        },
        outputGradient: golden.grad_y.data,
        golden,
        names: { output: 'y', final: { h: 'hn', c: 'cn' }, initial: { h: 'h0', c: 'c0' } },
        agreement: { float64: 1e-12, float32: 1e-4 },
      },
      compare,
    );
  }
};
