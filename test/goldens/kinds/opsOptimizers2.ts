import {
  averaged,
  type Averaged,
  clipGradNorm,
  type Dtype,
  type Layer,
  type Model,
  type Numbers,
  type Optimizer,
  sequential,
} from '../../../src/index.js';
import { of } from 'rxjs';
import type { Check, Golden } from '../checkGolden.js';
import type { Comparison } from '../comparison.js';
import { opsClip } from './opsClip.js';
import { optimizerOf, optionsOf } from './optimizerOf.js';

const AGREEMENT = { float64: { relative: 1e-12, absolute: 1e-12 }, float32: { relative: 1e-5, absolute: 1e-5 } };

/**
 * More optimizers on a quadratic of a vector u and a matrix W: with groups of both, a clipped norm, against a sign, and
 * with averages of the weights; and clipping by norms of several types.
 */
export const opsOptimizers2: Check = (golden, compare, dataFile) => {
  for (const [i, one] of golden.cases.entries()) {
    for (const dtype of ['float64', 'float32'] as const) run(`case ${i}`, golden.problem, one, dtype, compare);
  }
  if (golden.clip_cases) return opsClip({ ...golden, cases: golden.clip_cases }, compare, dataFile);
};

/** A layer of two parameters and no output that matters: an optimizer sees what it sees of a real one. */
function parameters(u: readonly number[], w: readonly number[]): Layer {
  return {
    kind: 'parameters',
    inputSize: 1,
    outputSize: 1,
    takes: 'features',
    parameters: [
      { name: 'u', shape: u, initialise: () => undefined },
      { name: 'W', shape: w, initialise: () => undefined },
    ],
    state: {},
    options: {},
    tape: ({ steps, lanes, allocate }) => ({
      output: allocate(steps * lanes),
      state: {},
      forward: () => undefined,
      differentiate: () => ({ stateGradient: {}, backward: () => undefined }),
    }),
  };
}

function run(id: string, problem: Golden, golden: Golden, dtype: Dtype, compare: Comparison): void {
  const figures = golden[dtype === 'float64' ? 'f64' : 'f32'];
  const { A, b, u0, W0 } = problem;
  const n: number = b.data.length;
  const model = sequential({ x: parameters(u0.shape, W0.shape) }, { dtype });
  const x = model.weights.learned;
  x.set([...u0.data, ...W0.data]);
  const tape = model.tape(1, 1);
  const { optimizer, average } = make(model, golden, figures);
  const sign = golden.options.maximize ? -1 : 1;
  const clip = golden.clip_grad_norm && clipOf(golden.clip_grad_norm);
  const name = `${id} ${golden.optimizer} ${JSON.stringify(golden.options)} ${dtype}`;
  const allowed = AGREEMENT[dtype];
  for (const [step, point] of list(figures.x_after_step).entries()) {
    let value = 0;
    for (let i = 0; i < n; i++) {
      let product = 0;
      for (let j = 0; j < n; j++) product += A.data[i * n + j] * x[j]!;
      value += x[i]! * (0.5 * product - b.data[i]);
      tape.gradients.learned[i] = sign * (product - b.data[i]);
    }
    compare.close(`${name} f[${step}]`, sign * value, list(figures.f_before_step)[step] as never, allowed);
    clip?.(model, tape);
    optimizer.update(model, tape.gradients);
    compare.close(`${name} x[${step}]`, x, flat(point), allowed);
    for (const figure of ['average_after_step', 'eval_x']) {
      if (!figures[figure]) continue;
      const expected = flat(list(figures[figure])[step]);
      compare.close(`${name} ${figure}[${step}]`, average!.model.weights.learned, expected, allowed);
    }
    if (!figures.z) continue;
    const { moments } = optimizer.state();
    const z = [...moments.get('z.x.u')!.data, ...moments.get('z.x.W')!.data];
    compare.close(`${name} z[${step}]`, z, flat(list(figures.z)[step]), allowed);
  }
}

/** The optimizer of a case, and the model of averaged weights that follows it, where there is one. */
function make(model: Model, { optimizer: name, options, groups, ema }: Golden, figures: Golden): Made {
  const { decoupled_weight_decay: decoupled, ...rest } = options;
  // lion-pytorch's decoupled decay is a share of the weights by itself, whatever the rate
  const given = name === 'Lion' && decoupled ? { ...rest, weight_decay: rest.weight_decay / rest.lr } : options;
  const own = Object.entries<Golden>(groups ?? {}).map(([parameter, group]) => ({
    parameters: [`x.${parameter}`],
    ...optionsOf(name, group),
  }));
  const made = optimizerOf(name, { ...optionsOf(name, given), ...(own.length > 0 && { groups: own }) });
  const average = ema ? averaged(model, ema) : figures.eval_x ? averaged(model) : undefined;
  return { optimizer: average?.optimizer(made) ?? made, average };
}

interface Made {
  readonly optimizer: Optimizer;
  readonly average: Averaged | undefined;
}

function clipOf({ max_norm: norm, norm_type: type }: Golden): (model: Model, tape: ReturnType<Model['tape']>) => void {
  const clip = clipGradNorm(norm, { normType: type === 'inf' ? Infinity : type });
  return (model, tape) => {
    const window = { steps: 1, lanes: 1, inputs: new Int32Array(1), targets: new Int32Array(1) };
    of({ window, model, tape, norms: [], pass: tape.passes, loss: 0, count: 1, gradientNorm: 0 })
      .pipe(clip)
      .subscribe();
  };
}

/** An array of the file, which may be bare. */
function list(value: Golden): Golden[] {
  if (Array.isArray(value)) return value;
  const [rows] = value.shape;
  const width = value.data.length / rows;
  return Array.from({ length: rows }, (_, i) =>
    value.shape.length === 1 ? value.data[i] : value.data.slice(i * width, (i + 1) * width),
  );
}

function flat(value: Golden): Numbers {
  return Float64Array.from(value.data ?? value);
}
