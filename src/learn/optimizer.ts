import { isObservable, map, type Observable } from 'rxjs';
import { anything } from '../check/anything.js';
import { callable } from '../check/callable.js';
import type { Check } from '../check/check.js';
import { finite } from '../check/finite.js';
import { fraction } from '../check/fraction.js';
import { options } from '../check/options.js';
import { show } from '../check/show.js';
import { listNames } from '../check/listNames.js';
import type { BufferScope, Kernel } from '../kernel/kernel.js';
import { parameterBlock, type ParameterBlock } from '../model/parameterBlock.js';
import type { Numbers, Tensor, Tensors } from '../types.js';
import type { LearningRate } from './learningRate.js';

/** What an optimizer needs to know of a model. */
interface Trainable {
  readonly kernel: Kernel;
  readonly weights: ParameterBlock;
  readonly frozen: ReadonlySet<string>;
}

/** The state of an optimizer: plain JSON except for the moments, and all that restores it to the bit. */
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
  /** The name of its rule. */
  readonly kind: string;
  /**
   * The rate of the last update (before the first: of the first), without any decay of the rule's own; NaN where it
   * comes from an observable and there was no update yet.
   */
  readonly learningRate: number;
  /** Where the rate comes from an observable: its values, each checked. `optimize` hands the latest to `update`. */
  readonly learningRate$?: Observable<number>;
  /** Updates made so far. */
  readonly updates: number;
  /**
   * Moves the learned weights of a model once, by gradients laid out as they are. `learningRate` takes precedence over
   * the optimizer's own; an optimizer whose rate comes from an observable needs it.
   */
  update(model: Trainable, gradients: ParameterBlock, learningRate?: number): void;
  /** Copies of all that the next update depends on. */
  state(): OptimizerState;
  /**
   * Restores a state of an optimizer of the same rule and options, for a model of the same parameters. All of it or
   * nothing: a RangeError names what is missing, unknown or misshapen. The options are not part of the state: the run
   * continues with those of this optimizer.
   */
  restore(model: Trainable, state: OptimizerState): void;
  /**
   * Gives the memory of its moments back to the model, which `dispose` of the model does as well, and the garbage
   * collector some time after the optimizer was dropped. A second call does nothing; every later `update`, `state` and
   * `restore` is an Error.
   */
  dispose(): void;
}

/** What one update works on; the object is the same at every update, the arrays are the model's own. */
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
  /** The model's arithmetic; a rule may as well loop over the arrays. */
  readonly kernel: Kernel;
}

/** How an optimizer moves weights: what `optimizer` makes one from. */
export interface OptimizerRule {
  /** The name of the rule, which its state carries: a state of another kind is refused. */
  readonly kind: string;
  /** A number, a schedule or an observable. */
  readonly learningRate: LearningRate;
  /** Names of the moments, each as large as the weights, with the number that they start from; none by default. */
  readonly moments?: Readonly<Record<string, number>>;
  /**
   * Numbers in [0, 1] whose powers to the count of updates `apply` is given, as Adam's bias correction needs them:
   * running products, whose bits no engine changes. None by default.
   */
  readonly factors?: Readonly<Record<string, number>>;
  /** Makes one update: writes `weights` and `moments`, leaves `gradients` as they are. */
  apply(update: OptimizerUpdate): void;
}

/**
 * Makes an optimizer from a rule: it keeps the rule's moments and counts, follows the learning rate, and gives and
 * restores its state, so that a new rule works with `train`, `checkpoint` and a resumed run as `adam` does.
 *
 * ```ts
 * import { linear, lstm, optimizer, pull, sequential, train, windows } from 'rxrnn';
 *
 * // Lion: Chen et al., Symbolic Discovery of Optimization Algorithms, 2023
 * const lion = ({ learningRate = 1e-3, beta1 = 0.9, beta2 = 0.99, weightDecay = 0 } = {}) =>
 *   optimizer({
 *     kind: 'lion',
 *     learningRate,
 *     moments: { mean: 0 },
 *     apply({ weights, gradients, moments: { mean }, learningRate }) {
 *       for (let i = 0; i < weights.length; i++) {
 *         const direction = Math.sign(beta1 * mean![i]! + (1 - beta1) * gradients[i]!);
 *         weights[i]! -= learningRate * (direction + weightDecay * weights[i]!);
 *         mean![i] = beta2 * mean![i]! + (1 - beta2) * gradients[i]!;
 *       }
 *     },
 *   });
 * const model = sequential({
 *   lstm: lstm({ inputSize: 4, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 4 }),
 * });
 * const losses: number[] = [];
 * pull(Array.from({ length: 401 }, (_, i) => i % 4))
 *   .pipe(windows({ steps: 10 }), train(model, { optimizer: lion({ learningRate: 0.01 }) }))
 *   .subscribe(({ loss }) => losses.push(loss));
 * console.log(losses[0]! > 1.3, losses.at(-1)! < 0.7); // -> true true
 * ```
 *
 * What `apply` writes must be a function of what it is given: then a resumed run has the same bits. A TypeError or
 * RangeError for a rule without a kind, for a moment whose name has a dot (which separates it from the parameter's name),
 * for a start that is not finite and a factor outside [0, 1].
 */
export function optimizer(rule: OptimizerRule): Optimizer {
  options('optimizer', rule, {
    kind: ruleName,
    learningRate: anything,
    moments: namedNumbers(finite()),
    factors: namedNumbers(fraction),
    apply: callable,
  });
  const { kind, learningRate: given, moments: starts = {}, factors = {} } = rule;
  let rate = isObservable(given) ? NaN : rateOf(0);
  let served: Trainable | undefined;
  let updates = 0;
  let disposed = false;
  let memory: BufferScope | undefined; // of the moments, in the kernel of the model
  const blocks: Record<string, ParameterBlock> = {};
  const moments: Record<string, Numbers> = {};
  const factorsByName = Object.entries(factors);
  let powers: Record<string, number> = Object.fromEntries(Object.keys(factors).map((name) => [name, 1]));
  let step: { -readonly [K in keyof OptimizerUpdate]: OptimizerUpdate[K] };

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
    learningRateOf(kind, 'learningRate', rate);
    return rate;
  }

  function serve(model: Trainable): void {
    if (served) throw new Error(`${kind}: already serves another model; make one optimizer for each model`);
    const shapes = learnedShapes(model);
    memory = model.kernel.scope();
    dropped.register(moments, memory, moments);
    served = model;
    for (const [name, start] of Object.entries(starts)) {
      blocks[name] = parameterBlock(memory, shapes, model.frozen);
      moments[name] = blocks[name].learned.fill(start);
    }
  }

  function checkNotDisposed(): void {
    if (disposed) throw new Error(`${kind}: this optimizer was disposed`);
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
      checkNotDisposed();
      if (model !== served) serve(model);
      rate = rateOf(updates, learningRate);
      updates++;
      for (const [name, factor] of factorsByName) powers[name]! *= factor;
      const { kernel } = model;
      step ??= {
        weights: model.weights.learned,
        gradients: gradients.learned,
        moments,
        kernel,
        learningRate: 0,
        update: 0,
        powers,
      };
      step.gradients = gradients.learned;
      step.learningRate = rate;
      step.update = updates;
      step.powers = powers;
      try {
        rule.apply(step);
      } finally {
        kernel.weightsChanged(); // also by a rule that throws half way
      }
    },
    state() {
      checkNotDisposed();
      const copies = [...tensorsOfMoments()].map(
        ([name, { shape, data }]) => [name, { shape, data: data.slice() }] as const,
      );
      return { kind, updates, powers: { ...powers }, moments: new Map(copies) };
    },
    restore(model, state) {
      checkNotDisposed();
      checkState(kind, starts, factors, model, state);
      const next = isObservable(given) ? rate : rateOf(Math.max(0, state.updates - 1)); // a schedule may throw
      if (model !== served) serve(model);
      rate = next;
      updates = state.updates;
      powers = { ...state.powers };
      for (const [name, start] of Object.entries(starts)) moments[name]!.fill(start);
      if (state.moments.size > 0) {
        for (const [name, { data }] of tensorsOfMoments()) data.set(state.moments.get(name)!.data);
      }
    },
    dispose() {
      disposed = true;
      served = undefined;
      dropped.unregister(moments);
      memory?.free();
    },
  };

  /** The moments' own numbers, as `moment.parameter`. */
  function tensorsOfMoments(): Map<string, Tensor> {
    const tensors = Object.entries(blocks).flatMap(([moment, block]) =>
      [...block.tensors].map(([name, tensor]) => [`${moment}.${name}`, tensor] as const),
    );
    return new Map(tensors);
  }
}

/** Gives the memory of an optimizer back after nothing of the optimizer can be called any more. */
const dropped = new FinalizationRegistry<BufferScope>((memory) => memory.free());

/** The shapes of the parameters that learn: frozen ones, which no update moves, have no moments. */
function learnedShapes({ weights, frozen }: Trainable): Map<string, readonly number[]> {
  const learned = [...weights.tensors].filter(([name]) => !frozen.has(name));
  return new Map(learned.map(([name, { shape }]) => [name, shape]));
}

const learningRateOf = finite(0);

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

/** Throws a RangeError unless a rule can continue from a state with a model: kind, counts, and every moment's shape. */
function checkState(
  kind: string,
  starts: Readonly<Record<string, number>>,
  factors: Readonly<Record<string, number>>,
  model: Trainable,
  state: OptimizerState,
): void {
  const { updates, powers, moments } = state;
  if (state.kind !== kind) {
    throw new RangeError(`${kind}: restore needs a state of ${kind}, got one of ${listNames([state.kind])}`);
  }
  if (!(Number.isSafeInteger(updates) && updates >= 0)) {
    throw new RangeError(`${kind}: restore needs a count of updates from 0 up, got ${show(updates)}`);
  }
  checkNames(kind, 'powers', Object.keys(factors), Object.keys(powers));
  for (const [name, power] of Object.entries(powers)) {
    fraction(kind, `power ${name}`, power);
  }
  const shapes = new Map<string, readonly number[]>();
  for (const moment of Object.keys(starts)) {
    for (const [name, shape] of learnedShapes(model)) shapes.set(`${moment}.${name}`, shape);
  }
  // An optimizer that has not met its model yet has no moments, and starts from those it would make.
  if (updates === 0 && moments.size === 0) return;
  checkNames(kind, 'moments', [...shapes.keys()], [...moments.keys()]);
  for (const [name, shape] of shapes) {
    const given = moments.get(name)!;
    if (given.shape.join() !== shape.join()) {
      throw new RangeError(
        `${kind}: ${listNames([name])} has shape [${shape.join(', ')}], got [${given.shape.join(', ')}]`,
      );
    }
    const size = shape.reduce((product, side) => product * side, 1);
    if (given.data.length !== size) {
      throw new RangeError(`${kind}: ${listNames([name])} has ${size} numbers, got ${given.data.length}`);
    }
  }
}

function checkNames(kind: string, what: string, own: readonly string[], given: readonly string[]): void {
  const [known, found] = [new Set(own), new Set(given)];
  const missing = own.filter((name) => !found.has(name));
  const unknown = given.filter((name) => !known.has(name));
  if (missing.length > 0) throw new RangeError(`${kind}: restore misses the ${what} ${listNames(missing)}`);
  if (unknown.length > 0) throw new RangeError(`${kind}: restore does not know the ${what} ${listNames(unknown)}`);
}
