import { anything } from '../check/anything.js';
import type { Check } from '../check/check.js';
import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { exp } from '../kernel/math/exp.js';
import { log } from '../kernel/math/log.js';
import type { Numbers } from '../types.js';
import type { CommonOptions } from './groupedOptimizer.js';
import type { LearningRate } from './learningRate.js';
import type { OptimizerRule } from './optimizerRule.js';

/** What the schedule-free optimizers have in common. */
export interface ScheduleFreeOptions extends CommonOptions {
  /** That of the fast sequence; the default is the optimizer's. */
  readonly learningRate?: LearningRate | undefined;
  /** Updates over which the rate grows to its full size; 0 by default. */
  readonly warmupSteps?: number | undefined;
  /** An update counts in the average by the power `r` of its number; 0 by default. */
  readonly r?: number | undefined;
  /** ... and by this power of the largest rate so far; 2 by default. */
  readonly weightLrPower?: number | undefined;
  /** Subtracted as `weightDecay · w` along with the gradient; 0 by default. */
  readonly weightDecay?: number | undefined;
}

/** Checks of those. */
export const SCHEDULE_FREE: Readonly<Record<Exclude<keyof ScheduleFreeOptions, 'maximize'>, Check>> = {
  learningRate: anything,
  warmupSteps: optional(wholeNumber()),
  r: optional(finite(0)),
  weightLrPower: optional(finite(0)),
  weightDecay: optional(finite(0)),
};

/** The running numbers of a schedule-free rule: the rate of this update, and its share of the average. */
export function scheduleFree({
  warmupSteps = 0,
  r = 0,
  weightLrPower = 2,
}: ScheduleFreeOptions): Pick<OptimizerRule, 'average' | 'scalars' | 'advance'> {
  return {
    average: 'average',
    scalars: { rate: 0, share: 0, largest: 0, sum: 0 },
    advance(scalars, { update, learningRate }) {
      const rate = learningRate * (update < warmupSteps ? update / warmupSteps : 1);
      const largest = Math.max(scalars['largest']!, rate);
      const weight = power(update, r) * power(largest, weightLrPower);
      const sum = scalars['sum']! + weight;
      Object.assign(scalars, { rate, largest, sum, share: sum > 0 ? weight / sum : 0 });
    },
  };
}

/** Both sequences start where the weights are. */
export function startSequences(update: number, weights: Numbers, ...sequences: readonly Numbers[]): void {
  if (update === 1) for (const sequence of sequences) sequence.set(weights);
}

/** The same bits on every engine: whole powers by products, the others by exp and log. */
function power(x: number, exponent: number): number {
  if (exponent === 0) return 1;
  if (exponent === 1) return x;
  if (exponent === 2) return x * x;
  return x === 0 ? 0 : exp(exponent * log(x));
}
