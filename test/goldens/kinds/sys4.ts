import { from, take } from 'rxjs';
import {
  type Addition,
  additionLines,
  additionModel,
  additions,
  additionWindow,
} from '../../../pipelines/article/additions.js';
import { first } from '../../learn/first.js';
import { type Model, numpyRandom, outputs, stateDict, unroll } from '../../../src/index.js';
import type { Check } from '../checkGolden.js';

/** Tolerance of an error; where a file's own re-runs differ by more than 1 % of it, a hundred times their difference. */
const ERROR = 1e-11;
const INITIAL = { absolute: 1e-15 };
const UPDATES = { absolute: 1e-12 };
/** Weights are sums of 10000 updates; rounding moves them by 1e-12. */
const FINAL = { absolute: 1e-9, relative: 1e-9 };

export const sys4: Check = (golden, compare) => {
  const { seed, hidden_dim: hidden, binary_dim: bits, alpha: learningRate, iterations } = golden;
  const scatter: number[] = golden.rounding_envelope?.max_per_1000 ?? [];
  const allowed = { absolute: Math.max(ERROR, 100 * Math.max(0, ...scatter)) };
  const random = numpyRandom(seed);
  const model = additionModel(hidden, random);
  const initial = synapses(model);
  compare.close('initial', initial.flat(), flat(golden.initial, ''), INITIAL);

  const run: Addition[] = [];
  let updates: number[][] = [];
  additions(model, { random, bits, learningRate })
    .pipe(take(iterations))
    .subscribe((addition) => {
      run.push(addition);
      if (addition.iteration > 0) return;
      updates = synapses(model).map((numbers, i) =>
        numbers.map((value, k) => (value - initial[i]![k]!) / learningRate),
      );
    });
  compare.close('first updates', updates.flat(), flat(golden.first_iteration_updates, '_update'), UPDATES);

  const operands = run.slice(0, golden.first_50_operands.length).map(({ a, b }) => [a, b]);
  compare.same('operands', operands, golden.first_50_operands);
  const errors = run.map(({ error }) => error);
  compare.close('errors, the first', errors.slice(0, golden.error_first_200.length), golden.error_first_200, allowed);
  const hundredths = errors.filter((_, j) => j % 100 === 0);
  compare.close('errors, every 100th', hundredths, golden.error_every_100, allowed);
  const thousands = Array.from({ length: Math.floor(iterations / 1000) }, (_, k) =>
    run.slice(k * 1000, (k + 1) * 1000),
  );
  const means = thousands.map((part) => part.reduce((sum, { error }) => sum + error, 0) / part.length);
  compare.close('mean errors', means, golden.mean_error_per_1000, allowed);
  const exact = thousands.map((part) => part.filter(({ a, b, sum }) => a + b === sum).length);
  compare.same('sums right', exact, golden.exact_per_1000);

  for (const { iteration, a, b, error, pred_bits: predicted, true_bits: expected, out } of golden.trace) {
    const at = run[iteration]!;
    compare.close(`trace ${iteration} error`, at.error, error, allowed);
    compare.same(
      `trace ${iteration}`,
      [at.a, at.b, at.predicted, at.expected, at.sum],
      [a, b, predicted, expected, out],
    );
  }
  const log = run.filter(({ iteration }) => iteration % 1000 === 0).flatMap(additionLines);
  compare.same(
    'log',
    log,
    golden.stdout_training.filter((line: string) => line !== ''),
  );

  compare.close('final', synapses(model).flat(), flat(golden.final, ''), FINAL);
  const pairs = Object.keys(golden).find((key) => /^final_exact_over_all_\d+_pairs$/.test(key));
  if (pairs) compare.same(pairs, rightOverAllPairs(model, bits), golden[pairs]);
};

/** The three matrices as NumPy has them: inputs × outputs. */
function synapses(model: Model): number[][] {
  return ['rnn.weight_ih_l0', 'linear.weight', 'rnn.weight_hh_l0'].map((name) => {
    const { shape, data } = stateDict(model).get(name)!;
    const [outputs, inputs] = shape as [number, number];
    return Array.from(data, (_, at) => data[(at % outputs) * inputs + Math.floor(at / outputs)]!);
  });
}

function flat(golden: Record<string, { data: number[] }>, suffix: string): number[] {
  return ['synapse_0', 'synapse_1', 'synapse_h'].flatMap((name) => golden[name + suffix]!.data);
}

/** Counts the pairs that the trained network adds without a wrong bit. */
function rightOverAllPairs(model: Model, bits: number): number {
  const half = 2 ** (bits - 1);
  const pairs = Array.from({ length: half * half }, (_, i) => [Math.floor(i / half), i % half] as const);
  const window = additionWindow(pairs, bits);
  const { data } = first(from([window]).pipe(unroll(model)), outputs);
  const right = (_: unknown, lane: number): boolean =>
    Array.from({ length: bits }, (_, t) => t * pairs.length + lane).every(
      (i) => data[i]! > 0.5 === window.targets[i]! > 0.5,
    );
  return pairs.filter(right).length;
}
