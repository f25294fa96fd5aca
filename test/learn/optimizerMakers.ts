import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  lion,
  nadam,
  radam,
  rmsprop,
  rprop,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  sgd,
  type Optimizer,
} from '../../src/index.js';

/** What the tests give to any of them. */
type Make = (options: {
  readonly learningRate: number;
  readonly maximize?: boolean;
  readonly groups?: readonly { readonly parameters: readonly string[]; readonly learningRate: number }[];
}) => Optimizer;

/** Every public optimizer; operators.test.ts holds the list to be whole. */
export const optimizerMakers: Readonly<Record<string, Make>> = {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  lion,
  nadam,
  radam,
  rmsprop,
  rprop,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  sgd,
};
