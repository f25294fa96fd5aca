import type { GradientRun } from '../model/gradientRuns.js';
import type { Numbers } from '../types.js';
import type { OptimizerUpdate } from './optimizerRule.js';

/** The parts of an update, of the learned numbers `from` to `to`, that lie in runs of these. */
export function updatesOfRuns(
  update: OptimizerUpdate,
  from: number,
  to: number,
  runs: readonly GradientRun[],
): OptimizerUpdate[] {
  const updates: OptimizerUpdate[] = [];
  for (const [first, end] of runs) {
    const [low, high] = [Math.max(first, from) - from, Math.min(end, to) - from];
    if (low >= high) continue;
    const part = (numbers: Numbers): Numbers => numbers.subarray(low, high);
    updates.push({
      ...update,
      weights: part(update.weights),
      gradients: part(update.gradients),
      moments: Object.fromEntries(Object.entries(update.moments).map(([name, numbers]) => [name, part(numbers)])),
    });
  }
  return updates;
}
