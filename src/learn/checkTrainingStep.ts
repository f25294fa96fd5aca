import { refuse } from '../check/refuse.js';
import type { TrainingStep } from '../types.js';

/** Accepts what `train` and the operators after it emit. */
export function checkTrainingStep(who: string, value: unknown): asserts value is TrainingStep {
  if (Number.isSafeInteger((value as Partial<TrainingStep> | null | undefined)?.step)) return;
  refuse(who, 'what comes in', 'the steps of a training run', value, 'none');
}
