import { listNames } from '../check/listNames.js';
import { showName } from '../check/showName.js';
import { learnedShapes, type Trainable } from './learnedShapes.js';

/** Names of parameters, such as `lstm.weight_hh_l0`, or a function that says whether a name is among them. */
export type ParameterNames = readonly string[] | ((name: string) => boolean);

/** The parameters of one group. */
export interface Members {
  readonly names: readonly string[];
  /** Where they lie among the learned weights: each run from its first number to the one after its last. */
  readonly runs: readonly (readonly [from: number, to: number])[];
}

/**
 * Sorts the learned parameters of a model into groups: first those of no group, then those of each. A RangeError for a
 * name that the model does not have and for a parameter of two groups, and where a group has none.
 */
export function parameterGroups(who: string, groups: readonly ParameterNames[], model: Trainable): Members[] {
  const all = [...model.weights.tensors.keys()];
  for (const [i, names] of groups.entries()) {
    const unknown = typeof names === 'function' ? [] : names.filter((name) => !all.includes(name));
    if (unknown.length > 0) {
      throw new RangeError(`${who}: groups[${i}] has ${listNames(unknown)}, the model has ${listNames(all)}`);
    }
    if (!all.some((name) => has(names, name)))
      throw new RangeError(`${who}: groups[${i}] has no parameter of the model`);
  }
  const members = [undefined, ...groups].map(() => ({ names: [] as string[], runs: [] as [number, number][] }));
  let from = 0;
  for (const [name, shape] of learnedShapes(model)) {
    const to = from + shape.reduce((product, side) => product * side, 1);
    const found = groups.flatMap((names, i) => (has(names, name) ? [i] : []));
    if (found.length > 1) {
      throw new RangeError(`${who}: ${showName(name)} is in groups[${found[0]}] and groups[${found[1]}]; take one`);
    }
    const { names, runs } = members[(found[0] ?? -1) + 1]!;
    names.push(name);
    const last = runs.at(-1);
    if (last?.[1] === from) last[1] = to;
    else runs.push([from, to]);
    from = to;
  }
  return members;
}

function has(names: ParameterNames, name: string): boolean {
  return typeof names === 'function' ? names(name) : names.includes(name);
}
