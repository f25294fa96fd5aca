import { flag } from '../check/flag.js';
import { optional } from '../check/optional.js';
import { type Checks, options as checkOptions } from '../check/options.js';
import { refuse } from '../check/refuse.js';
import { type Optimizer, optimizer } from './optimizer.js';
import type { OptimizerRule } from './optimizerRule.js';
import type { ParameterNames } from './parameterGroups.js';
import { parameterNames } from './parameterNames.js';

/** Options that every optimizer has besides its constants. */
export interface CommonOptions {
  /** Whether weights move with their gradients, so that the loss grows; `false` by default. */
  readonly maximize?: boolean | undefined;
}

/** Some of the parameters, with the options that differ for them. */
export type ParameterGroup<O> = Partial<O> & {
  /** Names of parameters, such as `lstm.weight_hh_l0`, or a function that says whether a name is among them. */
  readonly parameters: ParameterNames;
};

/** The options of an optimizer, and those of groups of parameters. */
export type WithGroups<O> = O & {
  /** Parameters with options of their own; a parameter may be in one group only. None by default. */
  readonly groups?: readonly ParameterGroup<O>[] | undefined;
};

type RuleOf<O> = (options: O) => Omit<OptimizerRule, 'kind' | 'groups' | 'maximize'>;

/**
 * Makes an optimizer of checked options: `rule` makes a rule of the common options, and one of those of each group over
 * them. A group without a `learningRate` follows the common one.
 */
export function groupedOptimizer<O extends CommonOptions & { readonly learningRate?: unknown }>(
  kind: string,
  given: WithGroups<O>,
  checks: Omit<Checks<O>, 'maximize'>,
  rule: RuleOf<O>,
): Optimizer {
  const own = { ...checks, maximize: optional(flag) };
  const { groups = [], ...common } = checkOptions<WithGroups<O>>(kind, given, {
    ...own,
    groups: optional(listOfGroups),
  } as unknown as Checks<WithGroups<O>>);
  return optimizer({
    ...rule(common as O),
    kind,
    maximize: common.maximize,
    groups: groups.map((group, i) => {
      const { parameters, ...options } = checkOptions<ParameterGroup<O>>(`${kind}: groups[${i}]`, group, {
        ...own,
        parameters: parameterNames,
      } as unknown as Checks<ParameterGroup<O>>);
      const { learningRate, ...made } = rule({ ...common, ...options } as unknown as O);
      const merged = { ...common, ...options } as CommonOptions;
      const ownRate = (options as { readonly learningRate?: unknown }).learningRate !== undefined;
      return { parameters, rule: { ...made, maximize: merged.maximize, ...(ownRate && { learningRate }) } };
    }),
  });
}

function listOfGroups(who: string, option: string, value: unknown): void {
  if (!Array.isArray(value)) refuse(who, option, 'a list of groups of parameters', value, 'none');
}
