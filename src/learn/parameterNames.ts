import { refuse } from '../check/refuse.js';

/** Accepts names of parameters: a list, or a function that says whether a name is among them. */
export function parameterNames(who: string, option: string, value: unknown): void {
  if (typeof value === 'function') return;
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return;
  refuse(who, option, 'a list of names of parameters, or a function of a name', value, 'none');
}
