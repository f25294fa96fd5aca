import type { Kernel } from '../kernel/kernel.js';
import type { Numbers } from '../types.js';
import type { LearningRate } from './learningRate.js';
import type { ParameterNames } from './parameterGroups.js';

/**
 * What one update works on; the object is the same at every update, the arrays are the model's own. Where there are groups
 * of parameters, it is one run of parameters of the same group.
 */
export interface OptimizerUpdate {
  /** The weights that learn, one after another: written in place. */
  readonly weights: Numbers;
  /** Their gradients, in the same order. */
  readonly gradients: Numbers;
  /** The rule's moments by name, each as long as the weights: written in place. */
  readonly moments: Readonly<Record<string, Numbers>>;
  /** The rate of this update. */
  readonly learningRate: number;
  /** The number of this update, from 1. */
  readonly update: number;
  /** Each of the rule's `factors` to the power of `update`. */
  readonly powers: Readonly<Record<string, number>>;
  /** The rule's `scalars`, which `advance` has moved on. */
  readonly scalars: Readonly<Record<string, number>>;
  /** The model's arithmetic; a rule may also loop over the arrays. */
  readonly kernel: Kernel;
}

/** How weights move: the rule from which `optimizer` makes an optimizer. */
export interface OptimizerRule {
  /** The name of the rule, which its state carries: a state of another name is refused, so give no two rules the same. */
  readonly kind: string;
  /** A number, a schedule or an observable. */
  readonly learningRate: LearningRate;
  /** Names of the moments, each as large as the weights, with the number that they start from; none by default. */
  readonly moments?: Readonly<Record<string, number>> | undefined;
  /**
   * Numbers in [0, 1]; `apply` gets each to the power of the count of updates, as Adam's bias correction needs it. They
   * are running products, which have the same bits on every engine. None by default.
   */
  readonly factors?: Readonly<Record<string, number>> | undefined;
  /** Running numbers of other kinds, with what they start from: part of the state. None by default. */
  readonly scalars?: Readonly<Record<string, number>> | undefined;
  /** Moves the scalars on, in place, once per update and before `apply`. */
  advance?(scalars: Record<string, number>, update: Pick<OptimizerUpdate, 'update' | 'learningRate' | 'powers'>): void;
  /** The moment that is an average of the weights, to be used in their place where nothing is learned; none by default. */
  readonly average?: string | undefined;
  /** Whether weights move with their gradients, so that the loss grows; `false` by default. */
  readonly maximize?: boolean | undefined;
  /**
   * Whether a weight whose gradient is 0 stays as it is, and its moments too: then `apply` is given the parts of the
   * weights whose gradients are not, where most are zeros, as of a large embedding. `false` by default.
   */
  readonly sparse?: boolean | undefined;
  /** Rules for some of the parameters, instead of this one; none by default. */
  readonly groups?: readonly OptimizerGroup[] | undefined;
  /** Makes one update: writes `weights` and `moments`, leaves `gradients` as they are. */
  apply(update: OptimizerUpdate): void;
}

/** A rule for some of the parameters; one that is in no group moves by the main rule, and none may be in two. */
export interface OptimizerGroup {
  readonly parameters: ParameterNames;
  /** Of the same kind; its rate may be absent, then it has that of the main rule, and it has no groups of its own. */
  readonly rule: Omit<OptimizerRule, 'groups' | 'kind' | 'learningRate'> & {
    readonly learningRate?: LearningRate | undefined;
  };
}
