import { show } from '../check/show.js';
import { showName } from '../check/showName.js';
import { visible } from '../check/visible.js';
import type { Model } from '../model/model.js';
import type { TrainingState } from './trainingState.js';

type Options = Readonly<Record<string, unknown>>;

/** Options that say how a layer begins and learns, not what it computes: a run may continue with others. */
const OF_LEARNING: readonly string[] = ['recurrentInitializer', 'dropout', 'recurrentDropout'];

/**
 * Refuses the state of a run whose layers compute something else than those of the model, where parameters of the same
 * names and shapes do not show it: the forms of `minGru`, the norms of `lstm`, the nonlinearities of `rnn`.
 */
export function checkLayers(who: string, model: Model, state: TrainingState): void {
  const [before, now] = [layersOf(state.configuration), layersOf(model.configuration)];
  const [names, own] = [before, now].map((layers) => layers.map(({ name }) => String(name)).join(', '));
  if (names !== own) {
    throw new RangeError(
      `${who}: resumeFrom is of a run with the layers ${visible(names!)}, the model has ${visible(own!)}`,
    );
  }
  for (const [i, layer] of now.entries()) {
    const was = before[i]!;
    for (const option of new Set([...Object.keys(was), ...Object.keys(layer)])) {
      if (OF_LEARNING.includes(option) || was[option] === layer[option]) continue;
      throw new RangeError(
        `${who}: resumeFrom is of a run whose ${showName(String(layer['name']))} has ${showName(option)} ` +
          `${show(was[option])}, that of the model has ${show(layer[option])}`,
      );
    }
  }
}

/** What a configuration says of its layers; those of dropout are for learning. */
function layersOf({ layers, skip }: Options): readonly Options[] {
  const besides: readonly Options[] = skip ? [{ name: 'skip', ...(skip as Options) }] : [];
  return [...(layers as readonly Options[]), ...besides].filter(({ kind }) => kind !== 'dropout');
}
