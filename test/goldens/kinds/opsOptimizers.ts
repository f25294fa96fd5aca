import { adagrad, adam, adamw, linear, type Optimizer, rmsprop, sequential, sgd } from '../../../src/index.js';
import type { Check } from '../checkGolden.js';

const AGREEMENT = { float64: { relative: 1e-12, absolute: 1e-12 }, float32: { relative: 1e-6, absolute: 1e-6 } };

/** torch's optimizers on a quadratic, `½ xᵀA x − bᵀx`, whose gradient is `A x − b`. */
export const opsOptimizers: Check = ({ problem, cases }, compare) => {
  const b: number[] = problem.b.data;
  const n = b.length;
  const a = (row: number, column: number): number => problem.A.data[row * n + column];
  for (const golden of cases) {
    for (const dtype of ['float64', 'float32'] as const) {
      const { f_before_step: values, x_after_step: points } = golden[dtype === 'float64' ? 'f64' : 'f32'];
      const model = sequential({ x: linear({ inputSize: n, outputSize: 1, bias: false }) }, { dtype });
      const x = model.weights.learned;
      x.set([...problem.u0.data, ...problem.W0.data]);
      const { gradients } = model.tape(1, 1);
      const optimizer = make(golden.optimizer, golden.options);
      const name = `${golden.optimizer} ${JSON.stringify(golden.options)} ${dtype}`;
      for (const [step, point] of points.entries()) {
        let value = 0;
        for (let i = 0; i < n; i++) {
          let product = 0;
          for (let j = 0; j < n; j++) product += a(i, j) * x[j]!;
          value += x[i]! * (0.5 * product - b[i]!);
          gradients.learned[i] = product - b[i]!;
        }
        optimizer.update(model, gradients);
        compare.close(`${name} f[${step}]`, value, values.data?.[step] ?? values[step], AGREEMENT[dtype]);
        compare.close(`${name} x[${step}]`, x, point.data ?? point, AGREEMENT[dtype]);
      }
    }
  }
};

/** Makes an optimizer from torch's name and options. */
function make(name: string, options: Record<string, never>): Optimizer {
  const { lr: learningRate, eps: epsilon, weight_decay: weightDecay, momentum, alpha, ...rest } = options;
  const { betas, amsgrad, nesterov, dampening, centered, lr_decay: learningRateDecay, ...unknown } = rest;
  const { initial_accumulator_value: initialAccumulator, ...left } = unknown;
  if (Object.keys(left).length > 0) throw new Error(`${name}: unknown options ${Object.keys(left).join(', ')}`);
  const given = { learningRate, epsilon, weightDecay, momentum, alpha, betas, amsgrad, nesterov, dampening, centered };
  const defined = Object.fromEntries(
    Object.entries({ ...given, learningRateDecay, initialAccumulator }).filter(([, value]) => value !== undefined),
  );
  switch (name) {
    case 'SGD':
      return sgd({ learningRate: 0.001, ...defined });
    case 'Adam':
      return adam(defined);
    case 'AdamW':
      return adamw(defined);
    case 'RMSprop':
      return rmsprop(defined);
    case 'Adagrad':
      return adagrad(defined);
    default:
      throw new Error(`unknown optimizer ${name}`);
  }
}
