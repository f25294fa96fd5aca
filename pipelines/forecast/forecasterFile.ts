import { loadModel, type Model, saveModel, type Scaling } from '../../src/index.js';
import { checkReadable } from '../cli/checkReadable.js';
import { warnOfStopped } from '../cli/warnOfStopped.js';
import { UsageError } from '../cli/command.js';

/** What is needed to forecast new rows. */
export interface SavedForecaster {
  readonly model: Model;
  readonly scaling: Scaling;
  readonly columns: readonly string[];
  readonly horizon: number;
  /** Root of the mean square of the errors on the test rows, per step ahead and column, of scaled numbers. */
  readonly deviation: readonly number[];
}

/** Saves a forecaster. */
export function saveForecaster(
  path: string,
  { model, scaling, columns, horizon, deviation }: SavedForecaster,
  provenance: Readonly<Record<string, unknown>>,
): void {
  saveModel(path, model, { scaling, provenance: { ...provenance, columns, horizon, deviation } });
}

/** Loads what `saveForecaster` has saved; a UsageError where the file holds another model. */
export function loadForecaster(path: string): SavedForecaster {
  checkReadable(path);
  const { model, scaling, provenance } = loadModel(path);
  warnOfStopped(path, provenance);
  const { columns, horizon, deviation } = Object(provenance) as Partial<Record<string, unknown>>;
  const areNames = Array.isArray(columns) && columns.every((name) => typeof name === 'string');
  const areNumbers = Array.isArray(deviation) && deviation.every((number) => Number.isFinite(number));
  const fits =
    scaling?.size === model.inputSize &&
    areNames &&
    columns.length === model.inputSize &&
    typeof horizon === 'number' &&
    columns.length * horizon === model.outputSize &&
    areNumbers &&
    deviation.length === model.outputSize;
  if (!fits) throw new UsageError(`${path} is not a model of forecasts that --out of this script has saved`);
  return { model, scaling, columns, horizon, deviation };
}
