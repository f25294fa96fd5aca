import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { show } from '../check/show.js';
import { type CommonOptions, groupedOptimizer, type WithGroups } from './groupedOptimizer.js';
import type { Optimizer } from './optimizer.js';

/** The constants of `rprop`. */
export interface RpropOptions extends CommonOptions {
  /** The first step of every weight, a number from 0 up; 0.01 by default. */
  readonly learningRate?: number | undefined;
  /** Factors of a step after a change of sign, in (0, 1), and without one, above 1; [0.5, 1.2] by default. */
  readonly etas?: readonly [number, number] | undefined;
  /** The least and the largest step; [1e-6, 50] by default. */
  readonly stepSizes?: readonly [number, number] | undefined;
}

const CHECKS = { learningRate: optional(finite(0)), etas: optional(checkEtas), stepSizes: optional(checkSizes) };

/**
 * Resilient propagation: each weight moves by a step of its own against the sign of its gradient; the step grows while the
 * sign stays and shrinks where it changes, and there the weight waits. For gradients of all data at once.
 * Riedmiller and Braun, 1993; `torch.optim.Rprop`. A RangeError for constants out of range. It serves one model.
 */
export function rprop(options: WithGroups<RpropOptions> = {}): Optimizer {
  return groupedOptimizer('rprop', options, CHECKS, (options: RpropOptions) => {
    const { learningRate = 0.01, etas = [0.5, 1.2], stepSizes = [1e-6, 50] } = options;
    const [shrink, grow] = etas;
    const [least, most] = stepSizes;
    return {
      learningRate,
      moments: { previous: 0, steps: learningRate },
      apply({ weights, gradients, moments }) {
        const [previous, steps] = [moments['previous']!, moments['steps']!];
        for (let i = 0; i < weights.length; i++) {
          const sign = Math.sign(gradients[i]!) * Math.sign(previous[i]!);
          const factor = sign > 0 ? grow : sign < 0 ? shrink : 1;
          const g = sign < 0 ? 0 : gradients[i]!;
          steps[i] = Math.min(most, Math.max(least, steps[i]! * factor));
          weights[i]! -= Math.sign(g) * steps[i]!;
          previous[i] = g;
        }
      },
    };
  });
}

function checkEtas(who: string, option: string, value: unknown): void {
  const [shrink, grow, ...rest] = pair(value);
  if (rest.length === 0 && shrink! > 0 && shrink! < 1 && grow! > 1 && grow! < Infinity) return;
  throw new RangeError(`${who}: ${option} must be a number in (0, 1) and one above 1, got ${show(value)}`);
}

function checkSizes(who: string, option: string, value: unknown): void {
  const [least, most, ...rest] = pair(value);
  if (rest.length === 0 && least! > 0 && most! >= least! && most! < Infinity) return;
  throw new RangeError(`${who}: ${option} must be two steps above 0, the least first, got ${show(value)}`);
}

function pair(value: unknown): readonly number[] {
  return Array.isArray(value) && value.every((x) => typeof x === 'number') ? value : [];
}
