// Numbers at the limits of what a number holds, and NaN and infinities: every operator on numbers refuses them, by its own
// name, or gives numbers that are finite. Nothing becomes infinite or NaN in silence.
import { from, map, type Observable } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adwin,
  anomalyLikelihood,
  burst,
  leastSquares,
  medianBefore,
  mix,
  pageHinkley,
  pageHinkleyTest,
  quantileThreshold,
  scale,
  scaling,
  scalingOf,
  seriesWindows,
  seeded,
  tailSurprisal,
} from '../../src/index.js';
import { all } from './models.js';

const { MAX_VALUE: MAX, MIN_VALUE: MIN } = Number;

/** Numbers at the limits; the last few are none. */
const NUMBERS = [
  MAX, -MAX, 1.5e308, -1.5e308, 1e300, -1e300, 1e290, 1e155, 1e154, -1e140, 3e38, 1e17, 2 ** 53, 64, 3, 1, -1, 0.1, 0, -0,
  1e-17, 1e-154, 1e-155, -1e-200, 2 ** -1022, 2 ** -1023, MIN, -MIN, 5 * MIN,
]; // prettier-ignore
const NONE = [NaN, Infinity, -Infinity];

type Numbers$ = Observable<number>;

/** Each operator on numbers, from numbers to what it gives. */
const OPERATORS: Readonly<Record<string, (number$: Numbers$) => Observable<unknown>>> = {
  pageHinkley: (number$) => number$.pipe(pageHinkley({ direction: 'both', delta: 0, threshold: MIN, minValues: 1 })),
  pageHinkleyTest(number$) {
    const test = pageHinkleyTest({ direction: 'both', minValues: 3, alpha: 0.5, delta: MAX });
    return number$.pipe(map((number) => [test.add(number), test.state()]));
  },
  adwin: (number$) => number$.pipe(adwin({ every: 1, minValues: 2, range: MAX })),
  anomalyLikelihood: (number$) => number$.pipe(anomalyLikelihood({ long: 9, short: 3, minValues: 4 })),
  tailSurprisal: (number$) => number$.pipe(tailSurprisal({ most: 20, minValues: 3 })),
  medianBefore: (number$) => number$.pipe(medianBefore({ most: 5 })),
  quantileThreshold: (number$) => number$.pipe(quantileThreshold({ oneIn: 2, minValues: 4 })),
  burst: (number$) => number$.pipe(map((time) => ({ key: 'k', time })), burst({ interval: 1e300 })), // prettier-ignore
  mix: (number$) =>
    number$.pipe(
      map((number) => ({ distributions: [[number, 1], [1, number]], token: 0 })), // prettier-ignore
      mix({ models: 2, vocabSize: 2, learningRate: 1 }),
    ),
  scaling: (number$) => number$.pipe(map((number) => [number]), scaling()), // prettier-ignore
  'scaling by range': (number$) => number$.pipe(map((number) => [number]), scaling({ by: 'range' })), // prettier-ignore
  scale: (number$) => number$.pipe(map((number) => [number, 1]), scale(scalingOf({ centre: [1e300, 0], spread: [0.1, 1] }))), // prettier-ignore
  seriesWindows: (number$) => number$.pipe(map((number) => [number]), seriesWindows({ steps: 1 })), // prettier-ignore
  leastSquares: (number$) => number$.pipe(map((number) => [number]), leastSquares({ steps: 1, ridge: MIN })), // prettier-ignore
};

/** Whether everything in a value is finite; a threshold is infinite while there are too few values. */
function isFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, part]) => (name === 'threshold' && part === Infinity) || isFinite(part));
}

for (const [name, operate] of Object.entries(OPERATORS)) {
  const own = new RegExp(`^${name.split(' ')[0]}: `);
  test(`${name} gives finite numbers, or refuses what it cannot compute with`, async () => {
    const random = seeded(`limits ${name}`);
    let [given, refused] = [0, 0];
    for (let run = 0; run < 400; run++) {
      const few = Array.from({ length: 1 + random.integer(4) }, () => random.integer(NUMBERS.length));
      const length = 2 + random.integer(30);
      const numbers = Array.from({ length }, () => NUMBERS[few[random.integer(few.length)]!]!);
      if (random.integer(5) === 0) numbers[random.integer(length)] = NONE[random.integer(NONE.length)]!;
      try {
        for (const value of await all(operate(from(numbers)))) {
          if (!isFinite(value)) assert.unreachable(`${String(numbers)} gave ${JSON.stringify(value)}`);
        }
        given += 1;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        assert.match(error.message, own);
        refused += 1;
      }
    }
    assert.ok(given > 10 && refused > 10, `${given} given, ${refused} refused`);
  });
}

test.run();
