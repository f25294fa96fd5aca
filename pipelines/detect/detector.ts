import { defer, map, type OperatorFunction } from 'rxjs';
import {
  adam,
  autoregression,
  gru,
  huber,
  linear,
  medianBefore,
  predictThenLearn,
  type ProgressiveRow,
  scalingOf,
  seeded,
  sequential,
  tailSurprisal,
} from '../../src/index.js';
import { fed } from './fed.js';
import { LARGEST } from './largest.js';

/** A measurement. */
export interface Measurement {
  readonly timestamp: string;
  readonly value: number;
}

/** A measurement, what was expected of it, and how unusual it is. */
export interface Detected extends Measurement {
  readonly predicted: number;
  /** In [0, 1]: from 0.5 up an alarm, which is given once per event. */
  readonly score: number;
}

/** Rows that the scaling is taken from. */
const FIRST = 50;
/** Bits of all views together from which there is an alarm, and rows after it without another. */
const ALARM = 16.7;
const REST = 120;
/** How far from the centre the network reads, in deviations. */
const FARTHEST = 1e6;

/**
 * Scores each measurement as it arrives, by what came before it alone. Five views are compared with their own past, by
 * `tailSurprisal`: the error of a network that learns as it reads, averaged over 8 rows; the distance of the row, and of the
 * mean of 12 rows, from the median of all before; the distance from the median of the same hour of the day, where the row
 * has a time; and how far the changes from row to row, averaged over 30, are from their mean. Their bits are put together as
 * the sides of a box are, by the root of the sum of squares.
 */
export function detector(seed = 0): OperatorFunction<Measurement, Detected> {
  return (measurement$) =>
    defer(() => {
      const predict = streamLearner(seed);
      const [ofError, ofRestlessness] = [fed(tailSurprisal()), fed(tailSurprisal())];
      const [ofRow, ofMean, ofHour] = [bothSides(), bothSides(), bothSides()];
      const [medianOfRows, medianOfMeans] = [usual(), usual()];
      const medianOfHour = new Map<string, (value: number) => number>();
      const [meanError, meanValue, meanChange] = [meanOf(8), meanOf(12), meanOf(30)];
      const changeSoFar = meanSoFar();
      const medianAt = (hour: string): ((value: number) => number) => {
        const found = medianOfHour.get(hour) ?? usual();
        medianOfHour.set(hour, found);
        return found;
      };
      let before: number | undefined;
      let quiet = 0; // rows to come without an alarm
      return measurement$.pipe(
        map(({ timestamp, value: measured }) => {
          const value = held(measured, 0, LARGEST);
          const predicted = predict(value);
          const hour = hourOf(timestamp);
          const level = meanValue(value);
          const change = meanChange(Math.abs(value - (before ?? value)));
          before = value;
          const bits = Math.hypot(
            ofError(meanError(Math.abs(value - predicted)))!,
            ofRow(value - medianOfRows(value)),
            ofMean(level - medianOfMeans(level)),
            hour === undefined ? 0 : ofHour(value - medianAt(hour)(value)),
            ofRestlessness(Math.abs(change - changeSoFar(change)))!,
          );
          const alarm = bits >= ALARM && quiet <= 0;
          quiet = alarm ? REST : quiet - 1;
          const score = alarm ? 1 - (0.5 * ALARM) / bits : (0.5 * bits) / (bits + ALARM);
          return { timestamp, value: measured, predicted, score };
        }),
      );
    });
}

/** The hour of the day as a time writes it, such as `14` or `2pm`; undefined where it has none. */
function hourOf(timestamp: string): string | undefined {
  const [, hour, half = ''] = /\d,?[ T](\d\d?):\d\d(?::\d\d)?( ?[ap]m)?/i.exec(timestamp) ?? [];
  return hour === undefined ? undefined : hour + half.trim().toLowerCase();
}

/** A number held to what is at most so far from a centre. */
function held(value: number, centre: number, most: number): number {
  return Math.max(centre - most, Math.min(centre + most, value));
}

/** The median of the numbers before each. */
function usual(): (value: number) => number {
  const median = fed(medianBefore());
  return (value) => median(value)!;
}

/** The mean of the last `rows` numbers. */
function meanOf(rows: number): (value: number) => number {
  const last: number[] = [];
  return (value) => {
    last.push(value);
    if (last.length > rows) last.shift();
    return last.reduce((sum, x) => sum + x, 0) / last.length;
  };
}

/** The mean of the numbers before each, the number itself where there are none. */
function meanSoFar(): (value: number) => number {
  let [count, mean] = [0, 0];
  return (value) => {
    const found = count > 0 ? mean : value;
    mean += (value - mean) / ++count;
    return found;
  };
}

/** The surprisal of a distance among those to the same side. */
function bothSides(): (distance: number) => number {
  const [above, below] = [fed(tailSurprisal()), fed(tailSurprisal())];
  return (distance) => Math.max(above(Math.max(distance, 0))!, below(Math.max(-distance, 0))!);
}

/** Predicts each value and then learns from it; the first ones, from which the scaling is taken, by the value before. */
function streamLearner(seed: number): (value: number) => number {
  const model = sequential(
    { gru: gru({ inputSize: 1, hiddenSize: 12 }), linear: linear({ inputSize: 12, outputSize: 1 }) },
    { skip: autoregression({ inputSize: 1, steps: 8 }), random: seeded(seed) },
  );
  model.weights.tensors.get('linear.weight')!.data.fill(0); // it begins as "as before"
  model.weights.tensors.get('linear.bias')!.data.fill(0);
  model.kernel.weightsChanged();
  const first: number[] = [];
  let [centre, spread] = [0, 1];
  let learn: ((row: number[]) => ProgressiveRow | undefined) | undefined;
  return (value) => {
    if (learn) return learn([held(value, centre, FARTHEST * spread)])!.predicted[0]!;
    const before = first.at(-1) ?? value;
    first.push(value);
    if (first.length < FIRST) return before;
    centre = first.reduce((sum, x) => sum + x, 0) / FIRST;
    const deviation = Math.sqrt(first.reduce((sum, x) => sum + (x - centre) ** 2, 0) / FIRST);
    spread = deviation || Math.abs(centre) || 1;
    const scaling = scalingOf({ centre: [centre], spread: [spread] });
    const optimizer = adam({ learningRate: 0.002 });
    learn = fed(predictThenLearn(model, { optimizer, head: 'value', loss: huber(), scaling, steps: 16 }));
    for (const early of first) learn([early]);
    return before;
  };
}
