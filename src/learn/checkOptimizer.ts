import { refuse } from '../check/refuse.js';
import type { Optimizer } from './optimizer.js';

/** Accepts optimizers, whole: one without `state` would train, and its run could not be resumed. */
export function checkOptimizer(who: string, option: string, value: unknown): asserts value is Optimizer {
  const { update, state, restore, dispose, kind } = (value as Partial<Optimizer> | null | undefined) ?? {};
  const functions = [update, state, restore, dispose];
  if (typeof kind === 'string' && functions.every((one) => typeof one === 'function')) return;
  refuse(who, option, 'an optimizer such as adam()', value, 'none');
}
