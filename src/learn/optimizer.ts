import { isObservable, map, type Observable } from 'rxjs';
import type { Kernel } from '../kernel/kernel.js';
import { parameterBlock, type ParameterBlock } from '../model/parameterBlock.js';
import type { Numbers, Tensor, Tensors } from '../types.js';
import { checkRange } from './checkRange.js';
import { checkState } from './checkState.js';
import type { LearningRate } from './learningRate.js';

/** What an optimizer needs to know of a model. */
export interface Trainable {
  readonly kernel: Kernel;
  readonly weights: ParameterBlock;
  readonly frozen: ReadonlySet<string>;
}

/** Where an optimizer stands: plain JSON but for the moments, and complete, so that `restore` goes on with the same bits. */
export interface OptimizerState {
  /** The rule whose state this is, such as `adam`. */
  readonly kind: string;
  /** Updates made so far. */
  readonly updates: number;
  /** Running products, by name: powers of factors to the count of updates; empty for rules without any. */
  readonly powers: Readonly<Record<string, number>>;
  /** The moments, as `name.parameter`; empty before the first update and for rules without any. */
  readonly moments: Tensors;
}

/** A rule for moving weights against their gradients, with its own moments; one optimizer serves one model. */
export interface Optimizer {
  readonly kind: string;
  /**
   * The rate of the last update, before the first that of the first, without any decay of the rule's own; NaN where it
   * comes from an observable and there was no update yet.
   */
  readonly learningRate: number;
  /** Where the rate comes from an observable: its values, each checked. `optimize` hands the latest to `update`. */
  readonly learningRate$?: Observable<number>;
  /** Updates made so far. */
  readonly updates: number;
  /**
   * Moves the learned weights of a model once, by gradients laid out as they are. `learningRate` goes before the
   * optimizer's own; one whose rate comes from an observable cannot do without.
   */
  update(model: Trainable, gradients: ParameterBlock, learningRate?: number): void;
  /** Copies of the moments, as `name.parameter`; empty before the first update and for rules without any. */
  stateDict(): Tensors;
  /** Copies of all that the next update depends on. */
  state(): OptimizerState;
  /**
   * Goes on from a state, made by an optimizer of the same options for a model of the same parameters. All of it or
   * nothing: a RangeError names what is missing, unknown or misshapen. The options are not in the state: with others
   * the run goes on by these.
   */
  restore(model: Trainable, state: OptimizerState): void;
}

export interface OptimizerRule {
  readonly kind: string;
  readonly learningRate: LearningRate;
  /** Names of the moments, each as large as the weights, and what they start from. */
  readonly moments: Readonly<Record<string, number>>;
  /** Factors whose powers to the count of updates `apply` is given: running products, whose bits no engine changes. */
  readonly factors?: Readonly<Record<string, number>>;
  /** One update; `updates` counts from 1. */
  apply(
    kernel: Kernel,
    weights: Numbers,
    gradients: Numbers,
    moments: Readonly<Record<string, Numbers>>,
    learningRate: number,
    updates: number,
    powers: Readonly<Record<string, number>>,
  ): void;
}

/** Checks what the rules have in common and gives a rule its moments. */
export function optimizer(rule: OptimizerRule): Optimizer {
  const { kind, learningRate: given, factors = {} } = rule;
  let rate = isObservable(given) ? NaN : rateOf(0);
  let served: Trainable | undefined;
  let updates = 0;
  const blocks: Record<string, ParameterBlock> = {};
  const moments: Record<string, Numbers> = {};
  let powers: Record<string, number> = Object.fromEntries(Object.keys(factors).map((name) => [name, 1]));

  function rateOf(update: number, latest?: number): number {
    const rate = latest ?? (typeof given === 'function' ? given(update) : given);
    if (isObservable(rate)) {
      throw new Error(
        `${kind}: learningRate is an observable without a value at update ${update}; start it with one (startWith, ` +
          'BehaviorSubject) and update through optimize or train',
      );
    }
    return checkedRate(rate);
  }

  function checkedRate(rate: number): number {
    checkRange(kind, 'learningRate', rate, 0, Infinity);
    return rate;
  }

  function serve(model: Trainable): void {
    if (served) throw new Error(`${kind}: already serves another model; make one optimizer for each model`);
    served = model;
    const shapes = new Map([...model.weights.tensors].map(([name, { shape }]) => [name, shape]));
    for (const [name, start] of Object.entries(rule.moments)) {
      blocks[name] = parameterBlock(model.kernel, shapes, model.frozen);
      moments[name] = blocks[name].learned.fill(start);
    }
  }

  return {
    kind,
    get learningRate() {
      return rate;
    },
    ...(isObservable(given) && { learningRate$: given.pipe(map(checkedRate)) }),
    get updates() {
      return updates;
    },
    update(model, gradients, learningRate) {
      if (model !== served) serve(model);
      rate = rateOf(updates, learningRate);
      updates++;
      for (const [name, factor] of Object.entries(factors)) powers[name]! *= factor;
      rule.apply(model.kernel, model.weights.learned, gradients.learned, moments, rate, updates, powers);
      model.kernel.weightsChanged();
    },
    stateDict,
    state: () => ({ kind, updates, powers: { ...powers }, moments: stateDict() }),
    restore(model, state) {
      checkState(rule, model, state);
      if (model !== served) serve(model);
      updates = state.updates;
      powers = { ...state.powers };
      for (const [name, start] of Object.entries(rule.moments)) moments[name]!.fill(start);
      if (state.moments.size > 0) {
        for (const [name, { data }] of learnedMoments()) data.set(state.moments.get(name)!.data);
      }
      if (!isObservable(given)) rate = rateOf(Math.max(0, updates - 1));
    },
  };

  function stateDict(): Tensors {
    return new Map([...learnedMoments()].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
  }
  /** The moments' own numbers, without those of frozen parameters, which no update moves. */
  function learnedMoments(): Map<string, Tensor> {
    const learned = new Map<string, Tensor>();
    for (const [moment, { tensors }] of Object.entries(blocks)) {
      for (const [name, tensor] of tensors) {
        if (!served!.frozen.has(name)) learned.set(`${moment}.${name}`, tensor);
      }
    }
    return learned;
  }
}
