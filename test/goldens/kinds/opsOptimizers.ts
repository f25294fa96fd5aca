import { linear, sequential } from '../../../src/index.js';
import type { Check } from '../checkGolden.js';
import { optimizerOf, optionsOf } from './optimizerOf.js';

const AGREEMENT = { float64: { relative: 1e-12, absolute: 1e-12 }, float32: { relative: 1e-6, absolute: 1e-6 } };

/** torch's optimizers, and Lion, on a quadratic, `½ xᵀA x − bᵀx`, whose gradient is `A x − b`. */
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
      const optimizer = optimizerOf(golden.optimizer, optionsOf(golden.optimizer, golden.options));
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
