import { anything } from '../check/anything.js';
import { callable } from '../check/callable.js';
import type { Check } from '../check/check.js';
import { finite } from '../check/finite.js';
import { flag } from '../check/flag.js';
import { fraction } from '../check/fraction.js';
import { checkRecord } from '../check/checkRecord.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { refuse } from '../check/refuse.js';
import { show } from '../check/show.js';
import { string } from '../check/string.js';
import type { OptimizerGroup, OptimizerRule } from './optimizerRule.js';
import { parameterNames } from './parameterNames.js';

/** Checks a rule and copies it. */
export function checkRule(rule: OptimizerRule): OptimizerRule {
  return options('optimizer', rule, { kind: ruleName, groups: optional(listOfGroups), ...RULE });
}

/** Checks the rule of a group and copies it; `who` says whose it is. */
export function checkGroupRule(who: string, rule: OptimizerGroup['rule']): OptimizerGroup['rule'] {
  return options(who, rule, RULE);
}

const RULE = {
  learningRate: anything,
  moments: namedNumbers(finite()),
  factors: namedNumbers(fraction),
  scalars: namedNumbers(finite()),
  advance: optional(callable),
  average: optional(string),
  maximize: optional(flag),
  sparse: optional(flag),
  apply: callable,
};

function ruleName(who: string, option: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return;
  throw new TypeError(`${who}: ${option} must be the name of the rule, got ${show(value)}`);
}

/** Accepts numbers by name; names are parts of those of the state, which have dots. */
function namedNumbers(check: Check): Check {
  return (who, option, value) => {
    if (value === undefined) return;
    if (typeof value !== 'object' || value === null) {
      throw new TypeError(`${who}: ${option} must be an object of numbers, got ${show(value)}`);
    }
    for (const [name, number] of Object.entries(value)) {
      if (name === '' || name.includes('.')) {
        throw new RangeError(`${who}: names of ${option} must not be empty nor have a dot, got ${show(name)}`);
      }
      check(who, `${option}.${name}`, number);
    }
  };
}

function listOfGroups(who: string, option: string, value: unknown): void {
  if (!Array.isArray(value)) refuse(who, option, 'a list of groups of parameters', value, 'none');
  for (const [i, group] of value.entries()) {
    options(`${who}: ${option}[${i}]`, group as OptimizerGroup, { parameters: parameterNames, rule: checkRecord });
  }
}
