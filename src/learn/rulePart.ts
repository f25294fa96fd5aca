import { finite } from '../check/finite.js';
import type { OptimizerGroup, OptimizerRule, OptimizerUpdate } from './optimizerRule.js';

/** A rule with its running numbers, as one part of an optimizer. */
export interface RulePart {
  /** What its moments start from, by name. */
  readonly starts: Readonly<Record<string, number>>;
  readonly maximize: boolean;
  /** Whether it passes over gradients that are 0. */
  readonly sparse: boolean;
  /** Its own rate, where a group has one, checked. */
  readonly rateOf: ((update: number) => number) | undefined;
  apply(step: OptimizerUpdate): unknown;
  /** Computes the running numbers of the next update; they count once `commit` is called. */
  advance(update: number, rate: number): void;
  readonly nextPowers: () => Readonly<Record<string, number>>;
  readonly nextScalars: () => Readonly<Record<string, number>>;
  commit(): void;
  /** The running numbers under their names in the state. */
  powers(): Record<string, number>;
  scalars(): Record<string, number>;
  restore(powers: Readonly<Record<string, number>>, scalars: Readonly<Record<string, number>>): void;
}

/**
 * A rule with the running numbers of its own; `prefix` tells their names in the state from those of other parts, and `who`
 * is named where a rate is refused.
 */
export function rulePart(who: string, prefix: string, checked: OptimizerGroup['rule'], rule: object): RulePart {
  const { apply, advance, learningRate } = checked;
  const factors = Object.entries({ ...checked.factors });
  let powers: Record<string, number> = Object.fromEntries(factors.map(([name]) => [name, 1]));
  let nextPowers = { ...powers };
  let scalars: Record<string, number> = { ...checked.scalars };
  let nextScalars = { ...scalars };
  const prefixed = (numbers: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(numbers).map(([name, value]) => [prefix + name, value]));
  const ofState = (
    names: Readonly<Record<string, number>>,
    all: Readonly<Record<string, number>>,
  ): Record<string, number> => Object.fromEntries(Object.keys(names).map((name) => [name, all[prefix + name]!]));

  return {
    starts: { ...checked.moments },
    maximize: checked.maximize ?? false,
    sparse: checked.sparse ?? false,
    rateOf:
      prefix === '' || learningRate === undefined
        ? undefined
        : (update) => {
            const rate = typeof learningRate === 'function' ? learningRate(update) : learningRate;
            checkRate(who, 'learningRate', rate);
            return rate as number;
          },
    apply: (step) => apply.call(rule as OptimizerRule, step),
    nextPowers: () => nextPowers,
    nextScalars: () => nextScalars,
    powers: () => prefixed(powers),
    scalars: () => prefixed(scalars),
    advance(update, learningRate) {
      for (const [name, factor] of factors) nextPowers[name] = powers[name]! * factor;
      if (!advance) return;
      Object.assign(nextScalars, scalars);
      advance.call(rule as OptimizerRule, nextScalars, { update, learningRate, powers: nextPowers });
    },
    commit() {
      [powers, nextPowers] = [nextPowers, powers];
      [scalars, nextScalars] = [nextScalars, scalars];
    },
    restore(allPowers, allScalars) {
      powers = ofState(powers, allPowers);
      nextPowers = { ...powers };
      scalars = ofState(scalars, allScalars);
      nextScalars = { ...scalars };
    },
  };
}

const checkRate = finite(0);
