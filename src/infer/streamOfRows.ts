import type { Model } from '../model/model.js';
import type { SeriesRow } from '../series/checkRow.js';
import type { Numbers } from '../types.js';
import type { StreamOf } from './learnByKey.js';
import { type Judged, type RowReader, rowReader, type RowReaderOptions } from './rowReader.js';

/** Streams of rows of numbers. With `steps` windows are kept as a step runner keeps them. */
export function streamOfRows(
  who: string,
  model: Model,
  options: RowReaderOptions,
  steps = 1,
): StreamOf<SeriesRow, Numbers, Judged> & Pick<RowReader, 'kept'> {
  const { tape, kept, horizon, take, read, judge } = rowReader(who, model, options, steps);
  const { inputSize } = model;
  if (horizon !== 1) {
    tape.release();
    throw new RangeError(`${who}: the model must predict the next row alone, it predicts ${horizon}`);
  }
  return {
    tape,
    kept,
    take,
    read,
    judge,
    window(rows) {
      const steps = rows.length - 1;
      const inputs = new Float64Array(steps * inputSize);
      const targets = new Float64Array(steps * inputSize);
      for (let t = 0; t < steps; t++) {
        inputs.set(rows[t]!, t * inputSize);
        targets.set(rows[t + 1]!, t * inputSize);
      }
      return { steps, lanes: 1, inputs, targets };
    },
  };
}
