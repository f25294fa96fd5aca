import { of } from 'rxjs';
import { clipGradNorm, clipGradValue, linear, sequential } from '../../../src/index.js';
import type { Check } from '../checkGolden.js';

const AGREEMENT = { float64: { relative: 1e-12, absolute: 1e-12 }, float32: { relative: 1e-6, absolute: 1e-6 } };

export const opsClip: Check = ({ cases }, compare) => {
  for (const [index, golden] of cases.entries()) {
    const numbers: number[] = golden.grads.flatMap(({ data }: { data: number[] }) => data);
    for (const dtype of ['float64', 'float32'] as const) {
      const figures = golden[dtype === 'float64' ? 'f64' : 'f32'];
      const model = sequential({ g: linear({ inputSize: numbers.length, outputSize: 1, bias: false }) }, { dtype });
      const tape = model.tape(1, 1);
      const { learned } = tape.gradients;
      learned.set(numbers);
      const window = { steps: 1, lanes: 1, inputs: new Int32Array(1), targets: new Int32Array(1) };
      const normType = golden.norm_type === 'inf' ? Infinity : (golden.norm_type ?? 2);
      const gradientNorm = model.kernel.norm(learned, learned.length, normType);
      const name = `case ${index} ${golden.op} ${dtype}`;
      const clip =
        golden.op === 'clip_grad_norm_'
          ? clipGradNorm(golden.max_norm, { normType })
          : clipGradValue(golden.clip_value);
      of({ window, model, tape, norms: [], pass: tape.passes, loss: 0, count: 1, gradientNorm }).pipe(clip).subscribe();
      if (figures.total_norm !== undefined) {
        compare.close(`${name} norm`, gradientNorm, figures.total_norm, AGREEMENT[dtype]);
      }
      const clipped = figures.clipped.flatMap(({ data }: { data: number[] }) => data);
      compare.close(`${name} clipped`, learned, clipped, AGREEMENT[dtype]);
    }
  }
};
