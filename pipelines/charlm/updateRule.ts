import {
  adagrad,
  adam,
  adamax,
  adamw,
  type Averaged,
  averaged,
  type LearningRate,
  lion,
  type Model,
  nadam,
  type Optimizer,
  radam,
  rmsprop,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  sgd,
} from '../../src/index.js';

type Rule = (options: { readonly learningRate: LearningRate }) => Optimizer;

/** Update rules: how to make each, and its rate as a multiple of Adam's. */
const RULES: Readonly<Record<string, { readonly make: Rule; readonly rate: number }>> = {
  adam: { make: adam, rate: 1 },
  adamw: { make: (options) => adamw({ ...options, weightDecay: 0.02 }), rate: 1 },
  nadam: { make: nadam, rate: 1 },
  radam: { make: radam, rate: 3 },
  adamax: { make: adamax, rate: 2 },
  rmsprop: { make: rmsprop, rate: 1 },
  adagrad: { make: adagrad, rate: 5 },
  lion: { make: lion, rate: 0.1 },
  sgd: { make: (options) => sgd({ ...options, momentum: 0.9 }), rate: 30 },
  scheduleFreeAdamw: { make: scheduleFreeAdamw, rate: 1 },
  scheduleFreeSgd: { make: scheduleFreeSgd, rate: 300 },
};

/** Names of the update rules. */
export const RULE_NAMES: readonly string[] = Object.keys(RULES);

/** Whether a rule needs no decay of its rate, since it keeps an average of the weights. */
export function isScheduleFree(rule: string): boolean {
  return rule.startsWith('scheduleFree');
}

/** The learning rate that suits a rule where Adam's is given. */
export function suitedRate(rule: string, adamRate: number): number {
  return adamRate * RULES[rule]!.rate;
}

/** What learns a model, and the model to validate, save and generate with: itself, or an average of its weights. */
export interface UpdateRule {
  readonly optimizer: Optimizer;
  readonly learned: Model;
}

/** Makes an update rule; `average` is the share of an average that each update keeps, 0 for no average. */
export function updateRule(model: Model, rule: string, learningRate: LearningRate, average: number): UpdateRule {
  const optimizer = RULES[rule]!.make({ learningRate });
  const of: Averaged | undefined = isScheduleFree(rule)
    ? averaged(model)
    : average > 0
      ? averaged(model, { decay: average })
      : undefined;
  return of ? { optimizer: of.optimizer(optimizer), learned: of.model } : { optimizer, learned: model };
}
