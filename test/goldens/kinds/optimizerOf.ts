import * as rxrnn from '../../../src/index.js';
import type { Optimizer } from '../../../src/index.js';
import type { Golden } from '../checkGolden.js';

/** What the options of the Python optimizers are called here. */
const NAMES: Readonly<Record<string, string>> = {
  lr: 'learningRate',
  betas: 'betas',
  eps: 'epsilon',
  weight_decay: 'weightDecay',
  decoupled_weight_decay: 'decoupledWeightDecay',
  momentum: 'momentum',
  dampening: 'dampening',
  nesterov: 'nesterov',
  amsgrad: 'amsgrad',
  alpha: 'alpha',
  centered: 'centered',
  rho: 'rho',
  etas: 'etas',
  step_sizes: 'stepSizes',
  lr_decay: 'learningRateDecay',
  initial_accumulator_value: 'initialAccumulator',
  momentum_decay: 'momentumDecay',
  maximize: 'maximize',
  warmup_steps: 'warmupSteps',
  r: 'r',
  weight_lr_power: 'weightLrPower',
  inner_momentum: 'innerMomentum',
};

/** The makers, by the names of the classes. */
const MAKERS: Readonly<Record<string, (options: never) => Optimizer>> = {
  SGD: (options: object) => rxrnn.sgd({ learningRate: 0.001, ...options }),
  Adam: rxrnn.adam,
  AdamW: rxrnn.adamw,
  RMSprop: rxrnn.rmsprop,
  Adagrad: rxrnn.adagrad,
  Adadelta: rxrnn.adadelta,
  Adamax: rxrnn.adamax,
  NAdam: rxrnn.nadam,
  RAdam: rxrnn.radam,
  Rprop: rxrnn.rprop,
  Lion: rxrnn.lion,
  ScheduleFreeAdamW: rxrnn.scheduleFreeAdamw,
  ScheduleFreeSGD: rxrnn.scheduleFreeSgd,
};

/** Our options of a Python optimizer's; an Error for one that is not known. */
export function optionsOf(optimizer: string, options: Golden): Record<string, unknown> {
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(NAMES, name));
  if (unknown.length > 0) throw new Error(`${optimizer}: unknown options ${unknown.join(', ')}`);
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [NAMES[name]!, value]));
}

/** Makes an optimizer by its Python name, from our options. */
export function optimizerOf(name: string, options: object): Optimizer {
  if (!Object.hasOwn(MAKERS, name)) throw new Error(`unknown optimizer ${name}`);
  return MAKERS[name]!(options as never);
}
