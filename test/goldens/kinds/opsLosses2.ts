import { of, type OperatorFunction } from 'rxjs';
import {
  absoluteError,
  backpropagate,
  binaryCrossEntropy,
  type Dtype,
  embedding,
  gaussianNll,
  gradients,
  huber,
  losses,
  quantileLoss,
  type Scored,
  sequential,
  squaredError,
  type Unrolled,
  unroll,
  type WeightedLossOptions,
  type Window,
} from '../../../src/index.js';
import type { Check, Golden } from '../checkGolden.js';

const AGREEMENT = { float64: { relative: 1e-12, absolute: 1e-12 }, float32: { relative: 1e-6, absolute: 1e-6 } };

type Make = (options: WeightedLossOptions, golden: Golden) => OperatorFunction<Unrolled, Scored>;
const LOSSES: Readonly<Record<string, Make>> = {
  l1: absoluteError,
  mse: squaredError,
  huber: (options, { delta }) => huber({ ...options, delta }),
  smooth_l1: (options, { beta }) => huber({ ...options, delta: beta }),
  pinball: (options, { quantile }) => quantileLoss({ ...options, quantiles: [quantile] }),
  gaussian_nll: (options, { full, eps }) => gaussianNll({ ...options, full, eps }),
  bce_with_logits: binaryCrossEntropy,
};

/** How torch reduces: whether masked and weighted, and what our loss is asked for. */
const REDUCTIONS: Readonly<Record<string, readonly [masked: boolean, weighted: boolean, WeightedLossOptions]>> = {
  none: [false, false, { reduction: 'sum' }],
  mean: [false, false, {}],
  sum: [false, false, { reduction: 'sum' }],
  mean_mask: [true, false, {}],
  sum_mask: [true, false, { reduction: 'sum' }],
  mean_weight: [false, true, {}],
  mean_mask_weight: [true, true, {}],
  weighted_mean_mask: [true, true, { meanOver: 'weight' }],
};

/**
 * torch's losses of numbers, with masks and weights of single elements: each element is a step of one lane, whose inputs
 * are the rows of an embedding. The gradient at the targets (`grad_target`) is not one that a model has a use for.
 */
export const opsLosses2: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    for (const dtype of ['float64', 'float32'] as const) {
      const figures = golden[dtype === 'float64' ? 'f64' : 'f32'];
      const unknown = Object.keys(figures).filter((name) => !Object.hasOwn(REDUCTIONS, name));
      if (unknown.length > 0) throw new Error(`${golden.id}: unknown reductions ${unknown.join(', ')}`);
      for (const [name, expected] of Object.entries<Golden>(figures)) {
        const { value, gradient, gradientOfVariance } = outcomeOf(golden, name, dtype);
        const where = `${golden.id} ${dtype} ${name}`;
        compare.close(`${where} value`, value, expected.value.data ?? [expected.value], AGREEMENT[dtype]);
        compare.close(`${where} gradient`, gradient, expected.grad_x.data, AGREEMENT[dtype]);
        if (expected.grad_var) {
          compare.close(`${where} variance`, gradientOfVariance, expected.grad_var.data, AGREEMENT[dtype]);
        }
      }
    }
  }
};

interface Outcome {
  readonly value: readonly number[];
  readonly gradient: readonly number[];
  readonly gradientOfVariance: readonly number[];
}

function outcomeOf(
  { op, options, x, target, var: variance, mask, weight }: Golden,
  name: string,
  dtype: Dtype,
): Outcome {
  const [masked, isWeighted, asked] = REDUCTIONS[name]!;
  const make = LOSSES[op];
  if (!make) throw new Error(`unknown op ${op}`);
  const steps = x.data.length;
  const heads = variance ? 2 : 1;
  const model = sequential({ x: embedding({ inputSize: steps, outputSize: heads }) }, { dtype });
  model.weights.learned.set(
    x.data.flatMap((mean: number, i: number) => (variance ? [mean, Math.log(variance.data[i])] : [mean])),
  );
  const window: Window = {
    steps,
    lanes: 1,
    inputs: Int32Array.from({ length: steps }, (_, i) => i),
    targets: Float64Array.from(target.data),
    ...(masked && { mask: Uint8Array.from(mask.flat(), Number) }),
  };
  const loss = make({ ...asked, ...(isWeighted && { weight: () => weight.data }) }, options);
  const factor = op === 'smooth_l1' ? 1 / options.beta : 1;
  const found: Outcome[] = [];
  of(window)
    .pipe(unroll(model), loss, backpropagate(model))
    .subscribe((scored) => {
      const each = [...losses(scored).data].map((one) => factor * one);
      const sum = each.reduce((total, one) => total + one, 0);
      const value = name === 'none' ? each : [asked.reduction === 'sum' ? sum : factor * scored.loss];
      const all = [...gradients(scored).get('x.weight')!.data].map((one) => factor * one);
      const gradient = all.filter((_, i) => i % heads === 0);
      // the model predicts the logarithm of the variance
      const gradientOfVariance = all.filter((_, i) => i % heads === 1).map((one, i) => one / variance.data[i]);
      found.push({ value, gradient, gradientOfVariance });
    });
  return found[0]!;
}
