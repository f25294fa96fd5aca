import { type Model, sequential, stateDict } from '../../src/index.js';
import { type Errors, errorsOf, type MeanErrors, naiveErrors, type Part } from './errors.js';

/** The errors of a model, and of what it is compared with. */
export interface Evaluation {
  readonly model: Errors;
  /** The linear map of the model, without the network. */
  readonly linear: MeanErrors;
  /** "As before", and "as a season ago" where the rows are enough for it. */
  readonly before: MeanErrors;
  readonly season: MeanErrors | undefined;
}

/** Scores the forecasts of a model, and simpler ones, over the same rows; `season` is the rows after which they repeat. */
export async function evaluation(model: Model, part: Part, season: number): Promise<Evaluation> {
  using linear = linearMapOf(model);
  return {
    model: await errorsOf(model, part),
    linear: await errorsOf(linear, part),
    before: naiveErrors(part, 1)!,
    season: naiveErrors(part, season),
  };
}

/** The linear map beside the network of a model, as a model of its own. */
function linearMapOf(model: Model): Model {
  const own = [...stateDict(model)].filter(([name]) => name.startsWith('skip.'));
  const parameters = new Map(own.map(([name, tensor]) => [name.replace('skip.', 'map.'), tensor]));
  return sequential({ map: model.skip! }, { stateDict: parameters });
}
