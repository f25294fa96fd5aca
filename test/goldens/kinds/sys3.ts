import { srnVariants } from '../../../pipelines/article/srn.js';
import type { Check } from '../checkGolden.js';

const AGREEMENT = { float64: { absolute: 1e-12, relative: 1e-12 }, float32: { absolute: 1e-6, relative: 1e-6 } };

export const sys3: Check = (golden, compare) => {
  const [steps, width] = golden.inputs.shape;
  const inputs = Array.from({ length: steps }, (_, t) => golden.inputs.data.slice(t * width, (t + 1) * width));
  for (const dtype of ['float64', 'float32'] as const) {
    const expected = golden[dtype === 'float64' ? 'f64' : 'f32'];
    const { cell, layer } = srnVariants(
      {
        weightIh: golden.weight_ih,
        weightHh: golden.weight_hh,
        biasIh: golden.bias_ih,
        biasHh: golden.bias_hh,
        linearWeight: golden.linear_weight,
        linearBias: golden.linear_bias,
        nonlinearity: golden.nonlinearity,
      },
      inputs,
      dtype,
    );
    for (const [t, { hidden_before: before, hidden_after: after, output }] of expected.rnncell_steps.entries()) {
      compare.close(`${dtype} cell, step ${t}: before`, cell[t]!.stateBefore, before, AGREEMENT[dtype]);
      compare.close(`${dtype} cell, step ${t}: after`, cell[t]!.state, after, AGREEMENT[dtype]);
      compare.close(`${dtype} cell, step ${t}: output`, cell[t]!.output, output, AGREEMENT[dtype]);
    }
    compare.close(`${dtype} layer: states`, layer.states, expected.rnn_out.data, AGREEMENT[dtype]);
    compare.close(`${dtype} layer: last state`, layer.last, expected.rnn_hn.data, AGREEMENT[dtype]);
    compare.close(`${dtype} layer: outputs`, layer.outputs, expected.rnn_linear_out.data, AGREEMENT[dtype]);
  }
};
