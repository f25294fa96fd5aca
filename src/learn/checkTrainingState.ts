import { refuse } from '../check/refuse.js';
import type { TrainingState } from './trainingState.js';

/** Accepts the state of a run, as far as its form goes; whether it fits model and optimizer, `resume` finds out. */
export function checkTrainingState(who: string, option: string, value: unknown): asserts value is TrainingState {
  const { configuration, step, tokens, weights, optimizer, hidden } = (value ?? {}) as Partial<TrainingState>;
  const counts = Number.isSafeInteger(step) && Number.isSafeInteger(tokens);
  const { layers } = configuration ?? {};
  const described = Array.isArray(layers) && layers.every((layer) => typeof layer === 'object' && layer !== null);
  if (counts && described && weights instanceof Map && hidden instanceof Map && typeof optimizer === 'object') return;
  refuse(who, option, 'the state() of a run, such as the training of a checkpoint', value, 'none');
}
