import { refuse } from '../check/refuse.js';
import type { Random } from '../random/random.js';

/** Accepts generators whose state can be kept. */
export function checkGenerator(who: string, option: string, value: unknown): asserts value is Random {
  const { uniform, state, restore } = (value ?? {}) as Partial<Random>;
  if ([uniform, state, restore].every((method) => typeof method === 'function')) return;
  refuse(who, option, 'a generator such as seeded(0)', value, 'none');
}
