import { anything } from '../check/anything.js';
import type { Check } from '../check/check.js';
import type { Checks } from '../check/options.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import type { Window } from '../types.js';
import { checkWeights } from './checkWeights.js';
import type { LossMeasure, LossOptions } from './loss.js';

/** What the losses of numbers accept: the reduction, and how much each target weighs. */
export interface WeightedLossOptions extends LossOptions {
  /**
   * How much each target weighs, from 0 up: one number per target of a step, or a function that gives one for each
   * target of a window, `steps × lanes × targets`. 1 by default. What weighs 0 may hold anything, NaN included.
   */
  readonly weight?: ArrayLike<number> | ((window: Window) => ArrayLike<number>);
  /** What the mean divides by: how many targets count (default), or the sum of their weights. */
  readonly meanOver?: 'count' | 'weight';
}

/** The checks of these options. */
export const WEIGHTED_CHECKS: Checks<WeightedLossOptions> = {
  reduction: anything, // checked by `loss`
  weight: checkWeightOption,
  meanOver: optional(oneOf('count', 'weight')),
};

/** A measure that may ask what each target of a window weighs, as a function of its row and its number there. */
interface WeightedMeasure extends Omit<LossMeasure, 'count'> {
  count(window: Window, rows: number, weightsOf?: () => (r: number, d: number) => number): number;
}

/**
 * Weighs the losses of a measure, target by target, and their gradients. `targets`: numbers per step and lane, to which
 * the losses and the outputs of a step belong in turn, as often as there are heads.
 */
export function weighted(
  name: string,
  { weight, meanOver = 'count' }: Omit<WeightedLossOptions, 'reduction'>,
  targets: number,
  outputSize: number,
  measure: WeightedMeasure,
): LossMeasure {
  if (weight === undefined) return measure;
  const constant = typeof weight === 'function' ? undefined : Float64Array.from(weight); // a copy: the caller's may change
  if (constant && constant.length !== targets) {
    throw new RangeError(`${name}: weight needs ${targets} numbers, one per target of a step, got ${constant.length}`);
  }

  /** The weight of target `d` of row `r`, 0 where the mask hides it. */
  function weightsOf(window: Window, rows: number): (r: number, d: number) => number {
    const { mask } = window;
    if (constant) return (r, d) => (mask?.[r] === 0 ? 0 : constant[d]!);
    const given = (weight as (window: Window) => ArrayLike<number>)(window);
    if (given?.length !== rows * targets) {
      throw new RangeError(`${name}: weight must give ${rows * targets} numbers, got ${given?.length ?? 'none'}`);
    }
    checkWeights(name, 'weight', given);
    return (r, d) => (mask?.[r] === 0 ? 0 : given[r * targets + d]!);
  }

  return {
    ...measure,
    count: (window, rows) => measure.count(window, rows, () => weightsOf(window, rows)),
    ...(meanOver === 'weight' && {
      divisor(window: Window, rows: number) {
        const weightOf = weightsOf(window, rows);
        let sum = 0;
        for (let r = 0; r < rows; r++) for (let d = 0; d < targets; d++) sum += weightOf(r, d);
        return (sum * measure.width) / targets;
      },
    }),
    sum(losses, tape, window, rows) {
      measure.sum(losses, tape, window, rows);
      const { outputGradient } = tape;
      const weightOf = weightsOf(window, rows);
      let sum = 0;
      for (let r = 0; r < rows; r++) {
        for (let i = 0; i < measure.width; i++) {
          const w = weightOf(r, i % targets);
          const at = r * measure.width + i;
          sum += losses[at] = w === 0 ? 0 : w * losses[at]!;
        }
        for (let i = 0; i < outputSize; i++) {
          const w = weightOf(r, i % targets);
          const at = r * outputSize + i;
          outputGradient[at] = w === 0 ? 0 : w * outputGradient[at]!;
        }
      }
      return sum;
    },
  };
}

function checkWeightOption(...[who, option, value]: Parameters<Check>): void {
  if (value === undefined || typeof value === 'function') return;
  checkWeights(who, option, value as ArrayLike<number>);
}
