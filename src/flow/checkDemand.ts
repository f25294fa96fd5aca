import { refuse } from '../check/refuse.js';
import type { Demand } from './demand.js';

/** Accepts a demand: what `requested` and `credit` give, and `unlimited`. */
export function checkDemand(who: string, option: string, value: unknown): asserts value is Demand {
  const { take, connect } = (value ?? {}) as Partial<Demand>;
  if (typeof take === 'function' && typeof connect === 'function') return;
  refuse(who, option, 'a demand, such as unlimited', value, 'none');
}
