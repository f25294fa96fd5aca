import type { Observable, Subscriber } from 'rxjs';
import { loadStateDict } from '../model/loadStateDict.js';
import type { Model } from '../model/model.js';
import { sequential } from '../model/sequential.js';
import { stateDict } from '../model/stateDict.js';
import type { Tensors } from '../types.js';

/** A model whose weights follow an observable. */
export interface LiveWeights {
  readonly model: Model;
  /** Loads the latest weights, if any came since the last call; to be called between two tokens only. */
  refresh(): void;
}

/**
 * The model that one subscription reads: the model itself or, where there is a `weights$`, a copy of its own with the
 * latest of these weights (as `withLatestFrom`), disposed when the subscription ends. An error of `weights$` ends the
 * subscriber; its completion does nothing.
 */
export function liveWeights(
  model: Model,
  weights$: Observable<Tensors> | undefined,
  subscriber: Subscriber<unknown>,
): LiveWeights {
  if (weights$ === undefined) return { model, refresh: () => undefined };
  const { dtype, kernel, layers, skip, weights: own } = model;
  const copy = sequential(Object.fromEntries(layers), {
    dtype,
    backend: kernel.backend,
    skip,
    weights: own.half,
    weightTying: own.ties && Object.fromEntries(own.ties),
    stateDict: stateDict(model),
  });
  subscriber.add(() => copy.dispose());
  let latest: Tensors | undefined;
  subscriber.add(
    weights$.subscribe({
      next(weights) {
        latest = weights;
      },
      error(error: unknown) {
        subscriber.error(error);
      },
    }),
  );
  return {
    model: copy,
    refresh() {
      if (latest === undefined) return;
      loadStateDict(copy, latest);
      latest = undefined;
    },
  };
}
