import { refuse } from '../check/refuse.js';

/** Accepts maps: the marbles used so far. */
export function checkLegend(who: string, option: string, value: unknown): asserts value is ReadonlyMap<string, string> {
  if (!(value instanceof Map)) refuse(who, option, 'a Map of texts to marbles', value, 'none');
}
