import { isObservable, map, type Observable } from 'rxjs';
import { finite } from '../check/finite.js';
import { notPromise } from '../check/notPromise.js';
import type { BufferScope } from '../kernel/kernel.js';
import type { GradientRuns, GradientRun } from '../model/gradientRuns.js';
import { checkLearns } from '../model/checkLearns.js';
import { parameterBlock, type ParameterBlock } from '../model/parameterBlock.js';
import type { Numbers, Tensor, Tensors } from '../types.js';
import { checkGradients } from './checkGradients.js';
import { checkOptimizerState } from './checkOptimizerState.js';
import { checkGroupRule, checkRule } from './checkRule.js';
import { flushTiny } from './flushTiny.js';
import type { OptimizerRule, OptimizerUpdate } from './optimizerRule.js';
import { type Members, parameterGroups } from './parameterGroups.js';
import { rulePart, type RulePart } from './rulePart.js';
import { updatesOfRuns } from './updatesOfRuns.js';
import { learnedShapes, type Trainable } from './learnedShapes.js';

/** The state of an optimizer: plain JSON except for the moments, and all that restores it to the bit. */
export interface OptimizerState {
  /** The rule whose state this is, such as `adam`. */
  readonly kind: string;
  /** Updates made so far. */
  readonly updates: number;
  /** Running products, by name: powers of factors to the count of updates; empty for rules without any. */
  readonly powers: Readonly<Record<string, number>>;
  /** Other running numbers of the rule, by name; absent for rules without any. */
  readonly scalars?: Readonly<Record<string, number>> | undefined;
  /** The moments, as `name.parameter`; empty before the first update and for rules without any. */
  readonly moments: Tensors;
}

/** A rule for moving weights against their gradients, with its own moments; one optimizer serves one model. */
export interface Optimizer {
  /** The name of its rule. */
  readonly kind: string;
  /**
   * The rate of the last update, and before any update that of the first; a decay that belongs to the rule is not
   * included. NaN where the rate comes from an observable and there was no update yet.
   */
  readonly learningRate: number;
  /** Where the rate comes from an observable: its values, each checked. `optimize` hands the latest to `update`. */
  readonly learningRate$?: Observable<number>;
  /** Updates made so far. */
  readonly updates: number;
  /**
   * The average of the weights that the rule keeps, laid out as the learned weights; undefined before the first update and
   * for rules without one. `averaged` makes a model of it.
   */
  readonly average?: Numbers | undefined;
  /**
   * Moves the learned weights of a model once, by gradients of a tape of the model: others are an Error. `learningRate`
   * takes precedence over the optimizer's own; an optimizer whose rate comes from an observable needs it.
   */
  update(model: Trainable, gradients: ParameterBlock, learningRate?: number): void;
  /**
   * `update` by gradients that are zeros outside of runs: the same numbers, and a rule that is `sparse` passes over the
   * rest. Absent: `optimize` uses `update`, with all gradients.
   */
  updateRuns?(model: Trainable, gradients: GradientRuns, learningRate?: number): void;
  /** Copies everything that the next update depends on. */
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
 * What `apply` writes must be a function of what it is given: then a resumed run has the same bits. After every 1024th
 * update of a rule that is not `sparse`, weights below 1e-30 (float64: 1e-300) and subnormal numbers of its moments become
 * zero: where gradients stay zero, they would make updates many times as slow. A TypeError or
 * RangeError for a rule without a kind, for a moment whose name has a dot (which separates it from the parameter's name),
 * for a start that is not finite and a factor outside [0, 1].
 */
export function optimizer(rule: OptimizerRule): Optimizer {
  const checked = checkRule(rule);
  const { kind, learningRate: given, groups = [] } = checked;
  const parts = [
    rulePart(kind, '', checked, rule),
    ...groups.map(({ rule }, i) => {
      const own = checkGroupRule(`${kind}: the rule of groups[${i}]`, rule);
      if (isObservable(own.learningRate)) {
        throw new TypeError(
          `${kind}: the learningRate of groups[${i}] must be a number or a schedule, got an observable`,
        );
      }
      return rulePart(`${kind}: groups[${i}]`, `groups[${i}] `, own, rule);
    }),
  ];
  const starts = new Set(parts.flatMap(({ starts }) => Object.keys(starts)));
  let rate = isObservable(given) ? NaN : rateOf(0);
  for (const part of parts) part.rateOf?.(0); // of a group: refused at once, too
  let served: Trainable | undefined;
  let updates = 0;
  let disposed = false;
  let memory: BufferScope | undefined; // of the moments, in the kernel of the model
  let members: readonly Members[] = [];
  let steps: readonly (readonly RunOfParameters[])[] = []; // of each part
  let seen: ParameterBlock | null = null; // the gradients that the steps have views of
  let negative: Numbers | undefined; // the gradients of parts that maximize, negated
  const blocks: Record<string, ParameterBlock> = {};

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
    checkLearns(model.weights, model.kind);
    members = parameterGroups(
      kind,
      groups.map(({ parameters }) => parameters),
      model,
    );
    const shapes = learnedShapes(model);
    memory = model.kernel.scope();
    dropped.register(blocks, memory, blocks);
    served = model;
    for (const name of starts) blocks[name] = parameterBlock(memory, shapes, model.frozen);
    if (parts.some(({ maximize }) => maximize)) negative = memory.allocate(model.weights.learned.length);
    startMoments();
    const { kernel } = model;
    steps = parts.map((part, i) =>
      members[i]!.runs.map(([from, to]): RunOfParameters => {
        const whole = from === 0 && to === model.weights.learned.length;
        const view = (numbers: Numbers): Numbers => (whole ? numbers : numbers.subarray(from, to));
        const moments = Object.fromEntries(Object.keys(part.starts).map((name) => [name, view(blocks[name]!.learned)]));
        const weights = view(model.weights.learned);
        return {
          from,
          to,
          view,
          step: { weights, gradients: weights, moments, kernel, learningRate: 0, update: 0, powers: {}, scalars: {} },
        };
      }),
    );
  }

  function startMoments(): void {
    for (const [i, { starts }] of parts.entries()) {
      for (const [name, start] of Object.entries(starts)) {
        for (const [from, to] of members[i]!.runs) blocks[name]!.learned.fill(start, from, to);
      }
    }
  }

  function checkNotDisposed(): void {
    if (disposed) throw new Error(`${kind}: this optimizer was disposed`);
  }

  function move(
    model: Trainable,
    gradients: ParameterBlock,
    learningRate?: number,
    runs?: readonly GradientRun[],
  ): void {
    checkNotDisposed();
    if (seen !== gradients) checkGradients(kind, model, gradients);
    if (model !== served) serve(model);
    const next = rateOf(updates, learningRate);
    const { kernel } = model;
    if (seen !== gradients) {
      for (const [i, { maximize }] of parts.entries()) {
        for (const { view, step } of steps[i]!) step.gradients = view(maximize ? negative! : gradients.learned);
      }
      seen = gradients;
    }
    if (negative) {
      kernel.copy(negative, gradients.learned, negative.length);
      kernel.scale(negative, -1, negative.length);
    }
    try {
      for (const [i, part] of parts.entries()) {
        const own = part.rateOf?.(updates) ?? next;
        part.advance(updates + 1, own);
        for (const { from, to, step } of steps[i]!) {
          step.learningRate = own;
          step.update = updates + 1;
          step.powers = part.nextPowers();
          step.scalars = part.nextScalars();
          if (runs && part.sparse) for (const each of updatesOfRuns(step, from, to, runs)) applyPart(part, each);
          else applyPart(part, step);
          if (!part.sparse && step.update % FLUSH_EVERY === 0) flushTiny(step.weights, step.moments);
        }
      }
    } finally {
      kernel.weightsChanged(); // also by a rule that throws half way
    }
    // Counted once it is made: an update that threw is none.
    rate = next;
    updates++;
    for (const part of parts) part.commit();
  }

  function applyPart(part: RulePart, step: OptimizerUpdate): void {
    notPromise('optimizer', 'apply must update the weights', part.apply(step));
  }

  const own: Optimizer = {
    kind,
    get learningRate() {
      return rate;
    },
    ...(isObservable(given) && { learningRate$: given.pipe(map(checkedRate)) }),
    get updates() {
      return updates;
    },
    update: (model, gradients, learningRate) => move(model, gradients, learningRate),
    updateRuns: (model, { block, runs }, learningRate) => move(model, block, learningRate, runs),
    state() {
      checkNotDisposed();
      const copies = [...tensorsOfMoments()].map(
        ([name, { shape, data }]) => [name, { shape, data: data.slice() }] as const,
      );
      const scalars = Object.fromEntries(parts.flatMap((part) => Object.entries(part.scalars())));
      const powers = Object.fromEntries(parts.flatMap((part) => Object.entries(part.powers())));
      return {
        kind,
        updates,
        powers,
        ...(Object.keys(scalars).length > 0 && { scalars }),
        moments: new Map(copies),
      };
    },
    restore(model, state) {
      checkNotDisposed();
      const found = parameterGroups(
        kind,
        groups.map(({ parameters }) => parameters),
        model,
      );
      const shapes = learnedShapes(model);
      const moments = new Map<string, readonly number[]>();
      for (const moment of starts) {
        for (const [i, part] of parts.entries()) {
          if (!Object.hasOwn(part.starts, moment)) continue;
          for (const name of found[i]!.names) moments.set(`${moment}.${name}`, shapes.get(name)!);
        }
      }
      checkOptimizerState(
        {
          kind,
          powers: parts.flatMap((part) => Object.keys(part.powers())),
          scalars: parts.flatMap((part) => Object.keys(part.scalars())),
          moments,
        },
        state,
      );
      const next = isObservable(given) ? rate : rateOf(Math.max(0, state.updates - 1)); // a schedule may throw
      if (model !== served) serve(model);
      rate = next;
      updates = state.updates;
      for (const part of parts) part.restore(state.powers, state.scalars ?? {});
      startMoments();
      if (state.moments.size > 0) {
        for (const [name, { data }] of tensorsOfMoments()) data.set(state.moments.get(name)!.data);
      }
    },
    dispose() {
      disposed = true;
      served = undefined;
      dropped.unregister(blocks);
      memory?.free();
    },
  };
  const { average } = checked;
  if (average !== undefined) Object.defineProperty(own, 'average', { get: () => blocks[average]?.learned });
  return own;

  /** The moments' own numbers, as `moment.parameter`. */
  function tensorsOfMoments(): Map<string, Tensor> {
    const tensors = Object.entries(blocks).flatMap(([moment, block]) =>
      [...block.tensors].flatMap(([name, tensor]) => {
        const has = parts.some(({ starts }, i) => Object.hasOwn(starts, moment) && members[i]!.names.includes(name));
        return has ? [[`${moment}.${name}`, tensor] as const] : [];
      }),
    );
    return new Map(tensors);
  }
}

/** Parameters of one part that lie side by side, and what an update of them works on. */
interface RunOfParameters {
  /** Where they lie among the learned weights. */
  readonly from: number;
  readonly to: number;
  /** Its part of numbers laid out as the learned weights. */
  readonly view: (numbers: Numbers) => Numbers;
  readonly step: { -readonly [K in keyof OptimizerUpdate]: OptimizerUpdate[K] };
}

/** Updates between two looks for numbers that are too small; a look takes about as long as an update. */
const FLUSH_EVERY = 1024;

/** Gives the memory of an optimizer back once the optimizer has been garbage-collected. */
const dropped = new FinalizationRegistry<BufferScope>((memory) => memory.free());

const learningRateOf = finite(0);
