import { type Layer, minGru, type MinGruOptions, minLstm } from '../../../src/index.js';
import type { Check, Golden } from '../checkGolden.js';
import { throughLayer } from './throughLayer.js';

/** minGRU and minLSTM in one layer: outputs, final states and all gradients, with gradients from above at both. */
function opsMinimal(make: (options: MinGruOptions) => Layer): Check {
  return ({ cases }, compare) => {
    for (const golden of cases) {
      const { id, form, bias, input_size: inputSize, hidden_size: hiddenSize, batch: lanes, seq: steps } = golden;
      throughLayer(
        {
          name: id,
          layer: make({ inputSize, hiddenSize, bias, form }),
          steps,
          lanes,
          input: golden.x.data,
          weights: renamed(golden.weights),
          state: { h: { initial: startOf(golden), gradient: golden.grad_hn } },
          outputGradient: golden.grad_y.data,
          golden: { f64: withOurNames(golden, golden.f64), f32: withOurNames(golden, golden.f32) },
          names: { output: 'y', final: { h: 'hn' }, initial: { h: 'h0' } },
          agreement: { float64: 1e-12, float32: String(id).includes('saturated') ? 1e-4 : 5e-6 },
        },
        compare,
      );
    }
  };
}

export const opsMinGru: Check = opsMinimal(minGru);
export const opsMinLstm: Check = opsMinimal(minLstm);

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The first state: `h0`, or, as in the authors' parallel form, g of it, which a caller of ours applies himself. */
function startOf({ h0, h0_through_g: through }: Golden): Golden {
  if (!through) return h0;
  return { ...h0, data: h0.data.map((x: number) => (x >= 0 ? x + 0.5 : sigmoid(x))) };
}

/** The file calls the parameters `weight` and `bias`; the gradient at its `h0` becomes the one at ours. */
function withOurNames({ h0, h0_through_g: through }: Golden, { grad, ...forward }: Golden): Golden {
  const named = renamed(grad);
  if (!through) return { ...forward, grad: named };
  const slope = (x: number): number => (x >= 0 ? 1 : sigmoid(x) * sigmoid(-x));
  const data = grad.h0.data.map((gradient: number, i: number) => gradient / slope(h0.data[i]));
  return { ...forward, grad: { ...named, h0: { ...grad.h0, data } } };
}

function renamed(numbers: Golden): Golden {
  const names: Record<string, string> = { weight: 'weight_ih_l0', bias: 'bias_ih_l0' };
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [names[name] ?? name, value]));
}
