import { finite } from '../check/finite.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { refuse } from '../check/refuse.js';
import { showName } from '../check/showName.js';
import { checkLearns } from '../model/checkLearns.js';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import { isTensor, tensorText } from '../model/isTensor.js';
import { seq2seq, type Seq2seqLayers } from '../model/seq2seq.js';
import { leastAverage } from '../kernel/leastAverage.js';
import { sequential } from '../model/sequential.js';
import { stateDict } from '../model/stateDict.js';
import type { Tensor } from '../types.js';
import { checkOptimizer } from './checkOptimizer.js';
import type { Optimizer, OptimizerState } from './optimizer.js';
import { learnedShapes } from './learnedShapes.js';

/** How weights are averaged. */
export interface AveragedOptions {
  /**
   * The share of the average that each update keeps, in [0, 1): it is over about 1 / (1 − decay) updates. Absent: the
   * average is the one that the optimizer keeps, as the schedule-free ones do.
   */
  readonly decay?: number | undefined;
}

/** A model whose weights are an average of those of another, over its updates. */
export interface Averaged {
  /**
   * The model to validate, to save and to generate with; before the first update its weights are those of the other. Its
   * memory is its own: `dispose` it too.
   */
  readonly model: Model;
  /**
   * The same optimizer, which moves the average on after each of its updates and has it in its state. It is this one that
   * `train` needs: beside the optimizer as it was, the average would keep the weights that the model had at first.
   */
  optimizer(inner: Optimizer): Optimizer;
}

/** What the moments that hold the average are called in a state. */
const AVERAGE = 'movingAverage';

/**
 * Averages the weights of a model while it learns: `average = decay · average + (1 − decay) · weights` after each update,
 * from the weights after the first.
 *
 * A mean of the last weights is often better than each of them, since the noise of single updates is averaged out. The
 * average belongs to the state of the optimizer: checkpoints have it, and a resumed run continues with the same bits.
 *
 * ```ts
 * import { lastValueFrom } from 'rxjs';
 * import { adam, averaged, linear, lstm, pull, sequential, train, validate, windows } from 'rxrnn';
 *
 * const model = sequential({
 *   lstm: lstm({ inputSize: 4, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 4 }),
 * });
 * const average = averaged(model, { decay: 0.9 });
 * const windows$ = pull(Array.from({ length: 401 }, (_, i) => i % 4)).pipe(windows({ steps: 10 }));
 * const { validation } = await lastValueFrom(
 *   windows$.pipe(
 *     train(model, { optimizer: average.optimizer(adam({ learningRate: 0.03 })) }),
 *     validate(average.model, windows$, { every: 40 }),
 *   ),
 * );
 * console.log(validation!.loss < 0.2); // -> true
 * ```
 *
 * Polyak and Juditsky, 1992; `torch.optim.swa_utils.AveragedModel` with an exponential average. A TypeError for what is
 * not a model or an optimizer, a RangeError for a decay outside [0, 1); an Error where there is no decay and the optimizer
 * keeps no average.
 */
export function averaged(model: Model, options: AveragedOptions = {}): Averaged {
  checkModel('averaged', 'model', model);
  checkLearns(model.weights, model.kind);
  const { decay } = checkOptions('averaged', options, { decay: optional(finite(0, 1)) });
  const copy = copyOf(model);
  let followed: Optimizer | undefined;

  function follow(inner: Optimizer): void {
    const { learned } = copy.weights;
    const now = model.weights.learned;
    if (decay === undefined) learned.set(inner.average!);
    else if (inner.updates === 1) learned.set(now);
    else {
      const { least } = leastAverage(learned);
      for (let i = 0; i < learned.length; i++) {
        const x = decay * learned[i]! + (1 - decay) * now[i]!;
        learned[i] = x < least && x > -least ? 0 : x;
      }
    }
    copy.kernel.weightsChanged();
  }

  /** Restores the optimizer from a state that has averages, once these are known to fit. */
  function restore(inner: Optimizer, kind: string, state: OptimizerState): void {
    const { moments } = (state as Partial<OptimizerState> | null | undefined) ?? {};
    if (!(moments instanceof Map) || typeof state.kind !== 'string') {
      refuse(kind, 'the state to restore', 'what state() of such an optimizer gives', state, 'none');
    }
    if (state.kind !== kind) {
      throw new RangeError(`${kind}: restore needs a state of ${kind}, got one of ${showName(state.kind)}`);
    }
    const others = [...state.moments].filter(([name]) => !name.startsWith(`${AVERAGE}.`));
    if (state.updates !== 0) {
      for (const [name, shape] of learnedShapes(model)) {
        const found: unknown = state.moments.get(`${AVERAGE}.${name}`);
        const fits = isTensor(found) && found.shape.join() === shape.join();
        if (fits && found.data.length === copy.weights.tensors.get(name)!.data.length) continue;
        throw new RangeError(
          `${kind}: restore needs ${showName(`${AVERAGE}.${name}`)} of shape [${shape.join(', ')}], got ${tensorText(found)}`,
        );
      }
    }
    inner.restore(model, { ...state, kind: inner.kind, moments: new Map(others) });
  }

  return {
    model: copy,
    optimizer(inner) {
      checkOptimizer('averaged', 'optimizer', inner);
      if (decay === undefined && !('average' in inner)) {
        throw new Error(`averaged: ${inner.kind} keeps no average of its own; give a decay`);
      }
      if (followed) throw new Error(`averaged: already follows ${followed.kind}; make one average for each optimizer`);
      followed = inner;
      const kind = decay === undefined ? inner.kind : `${inner.kind}, averaged`;
      const own = (): (readonly [string, Tensor])[] =>
        decay === undefined || inner.updates === 0
          ? []
          : [...copy.weights.tensors]
              .filter(([name]) => !copy.frozen.has(name))
              .map(([name, tensor]) => [`${AVERAGE}.${name}`, tensor]);
      const { learningRate$ } = inner;
      return {
        kind,
        get learningRate() {
          return inner.learningRate;
        },
        ...(learningRate$ && { learningRate$ }),
        get updates() {
          return inner.updates;
        },
        update(given, gradients, learningRate) {
          if (given !== model) throw new Error(`${kind}: averages the weights of another model`);
          inner.update(given, gradients, learningRate);
          follow(inner);
        },
        state() {
          const state = inner.state();
          const averages = own().map(([name, { shape, data }]) => [name, { shape, data: data.slice() }] as const);
          return { ...state, kind, moments: new Map([...state.moments, ...averages]) };
        },
        restore(given, state) {
          if (given !== model) throw new Error(`${kind}: averages the weights of another model`);
          if (decay === undefined) inner.restore(given, state);
          else restore(inner, kind, state);
          copy.weights.numbers.set(model.weights.numbers); // those that do not learn, too
          if (inner.updates > 0) {
            if (decay === undefined) copy.weights.learned.set(inner.average!);
            else for (const [name, { data }] of own()) data.set(state.moments.get(name)!.data);
          }
          copy.kernel.weightsChanged();
        },
        dispose() {
          inner.dispose();
        },
      };
    },
  };
}

/** A model of the same layers and weights, with memory of its own. */
function copyOf(model: Model): Model {
  const { kind, dtype, kernel, skip, frozen, weights } = model;
  const layers = Object.fromEntries(model.layers);
  const weightTying = weights.ties && Object.fromEntries(weights.ties);
  const options = { dtype, backend: kernel.backend, frozen: [...frozen], weightTying, stateDict: stateDict(model) };
  if (kind === 'seq2seq') return seq2seq(layers as unknown as Seq2seqLayers, options);
  return sequential(layers, { ...options, skip });
}
