import { refuse } from '../check/refuse.js';
import type { State } from '../types.js';

/** Accepts tensors by name; whether they are a model's, its tape says. */
export function checkState(who: string, option: string, value: unknown): asserts value is State {
  if (value instanceof Map) return;
  refuse(who, option, 'tensors by name, such as zeroState() gives', value, 'none');
}
