import type { Model } from '../model/model.js';
import { show } from '../check/show.js';
import { checkRow, type SeriesRow } from '../series/checkRow.js';
import type { Scaling } from '../series/scalingOf.js';
import type { Numbers } from '../types.js';
import { type Expected, type RowHead, rowHead } from './rowHead.js';
import { type StepRunner, stepRunner } from './stepRunner.js';

/** How a model of numbers is read. */
export interface RowReaderOptions {
  readonly head: RowHead;
  readonly scaling?: Scaling | undefined;
}

/** What came of a row, in the units of the data. */
export interface Judged extends Expected {
  /** The mean squared error of the scaled numbers: what the model is trained by, with a head of values. */
  readonly squared: number;
  /** How surprising the row was, in bits of the scaled numbers; absent where the head is a value. */
  readonly bits?: number;
}

/** Reads rows of numbers through a model one by one, in buffers of its own. */
export interface RowReader extends Pick<StepRunner, 'tape' | 'kept'> {
  /** Rows ahead that the model predicts at once. */
  readonly horizon: number;
  /** Checks a row and returns it as the model reads it. */
  take(row: SeriesRow, index: number): Numbers;
  /** Reads a row that `take` has returned. */
  read(scaled: Numbers): void;
  /** What the model expects after the rows read, `horizon` rows one after another, as it puts it out. */
  scaled(): Expected;
  /** The same in the units of the data. */
  expected(): Expected;
  /** Compares a row that `take` has returned with what was expected of it. */
  judge(scaled: Numbers): Judged;
}

/**
 * What scaled numbers are below, so that their squares, and products of two of them in a gradient, are finite in what the
 * model computes in: beyond it one number makes every loss and gradient infinite.
 */
const LIMITS = { float32: 1e17, float64: 1e150 } as const;

/** Makes a reader; `who` is the caller's name, for errors. With `steps` it keeps windows as a step runner does. */
export function rowReader(who: string, model: Model, { head, scaling }: RowReaderOptions, steps = 1): RowReader {
  const { inputSize, outputSize } = model;
  const limit = LIMITS[model.dtype];
  const { count, read: readOutputs, bits: bitsOf } = rowHead(head);
  const width = inputSize * count;
  if (outputSize % width !== 0) {
    const per = count === 1 ? '' : ` × ${count} per number`;
    throw new RangeError(
      `${who}: the model reads ${inputSize} numbers, so it must give a multiple of ${inputSize}${per}, got ${outputSize} outputs`,
    );
  }
  if (scaling && scaling.size !== inputSize) {
    throw new RangeError(`${who}: the scaling is of ${scaling.size} columns, the model reads ${inputSize}`);
  }
  const { tape, kept, read, first } = stepRunner(model, steps);
  const horizon = outputSize / width;
  let output = first;

  function scaledExpected(): Expected {
    const expected = readOutputs(output, horizon * inputSize);
    const { predicted, deviation = [], quantiles = [] } = expected;
    if ([predicted, deviation, ...quantiles].every((numbers) => numbers.every(Number.isFinite))) return expected;
    const layer = tape.firstNotFinite();
    throw new RangeError(`${who}: the prediction is not finite${layer ? `: the output of layer ${layer} is not` : ''}`);
  }
  function inUnits({ predicted, deviation, quantiles }: Expected): Expected {
    if (!scaling) return { predicted, ...(deviation && { deviation }), ...(quantiles && { quantiles }) };
    const { spread, size, unscale } = scaling;
    return {
      predicted: unscale(predicted),
      ...(deviation && { deviation: deviation.map((x, i) => x * spread[i % size]!) }),
      ...(quantiles && { quantiles: quantiles.map((row) => unscale(row)) }),
    };
  }

  return {
    tape,
    kept,
    horizon,
    take(row, index) {
      checkRow(who, index, row, inputSize);
      const scaled = Float64Array.from(scaling ? scaling.scale(row, index) : row); // as windows of rows are
      const large = scaled.findIndex((x) => !(Math.abs(x) < limit));
      if (large < 0) return scaled;
      const got = scaling ? `${show(row[large])}, which is ${show(scaled[large])}` : show(row[large]);
      throw new RangeError(
        `${who}: number ${large} of row ${index} must be below ${limit} in size${scaling ? ' when scaled' : ''}, got ${got}`,
      );
    },
    read(scaled) {
      output = read(scaled);
    },
    scaled: scaledExpected,
    expected: () => inUnits(scaledExpected()),
    judge(scaled) {
      const expected = scaledExpected();
      const bits = bitsOf?.(expected, scaled);
      let squared = 0;
      for (let d = 0; d < inputSize; d++)
        squared += (scaled[d]! - expected.predicted[d]!) * (scaled[d]! - expected.predicted[d]!);
      return { ...inUnits(expected), squared: squared / inputSize, ...(bits !== undefined && { bits }) };
    },
  };
}
