import { type Model, saveModel, type Scaling } from '../../src/index.js';
import { loadModelFile } from '../cli/loadModelFile.js';
import { type ModelKind, wrongModel } from '../cli/wrongModel.js';
import { warnOfStopped } from '../cli/warnOfStopped.js';
import type { Seen } from './firstUnseen.js';
import type { RowMarks } from './rowMarks.js';

/** What `--model` takes. */
export const FORECASTER: ModelKind = { what: 'a model of forecasts', job: 'forecast' };

/** What is needed to forecast new rows. */
export interface SavedForecaster {
  readonly model: Model;
  readonly scaling: Scaling;
  readonly columns: readonly string[];
  readonly horizon: number;
  /** Root of the mean square of the errors on the test rows, per step ahead and column, of scaled numbers. */
  readonly deviation: readonly number[];
  /** Rows that the model reads before a forecast that is scored. */
  readonly context: number;
  /** Rows after which the series repeats itself. */
  readonly season: number;
  readonly seen: Seen;
}

/** Saves a forecaster. */
export function saveForecaster(
  path: string,
  { model, scaling, seen, ...rest }: SavedForecaster,
  provenance: Readonly<Record<string, unknown>>,
): void {
  const { path: data, ...learned } = seen;
  saveModel(path, model, { scaling, provenance: { job: FORECASTER.job, ...provenance, ...rest, data, ...learned } });
}

/** Loads what `saveForecaster` has saved; a UsageError where the file holds another model. */
export function loadForecaster(path: string): SavedForecaster {
  const { model, scaling, provenance } = loadModelFile(path, FORECASTER);
  const { columns, horizon, deviation, context, season, data, rows, until, marks } = Object(provenance) as Partial<
    Record<string, unknown>
  >;
  const areNames = Array.isArray(columns) && columns.every((name) => typeof name === 'string');
  const areNumbers = Array.isArray(deviation) && deviation.every((number) => Number.isFinite(number));
  const isCount = (count: unknown): count is number => Number.isSafeInteger(count) && (count as number) > 0;
  const fits =
    scaling?.size === model.inputSize &&
    model.skip?.kind === 'autoregression' &&
    areNames &&
    columns.length === model.inputSize &&
    isCount(horizon) &&
    columns.length * horizon === model.outputSize &&
    areNumbers &&
    deviation.length === model.outputSize &&
    isCount(context) &&
    isCount(season) &&
    isCount(rows) &&
    typeof data === 'string' &&
    (until === undefined || typeof until === 'string') &&
    (marks === undefined || areMarks(marks));
  if (!fits) throw wrongModel(path, FORECASTER, 'it lacks what a forecast needs');
  warnOfStopped(path, provenance);
  return { model, scaling, columns, horizon, deviation, context, season, seen: { path: data, rows, until, marks } };
}

function areMarks(value: unknown): value is RowMarks {
  const isMark = (mark: unknown): boolean =>
    Array.isArray(mark) && mark.length === 2 && typeof mark[0] === 'string' && Number.isSafeInteger(mark[1]);
  return Array.isArray(value) && value.every(isMark);
}
