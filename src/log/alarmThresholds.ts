import { quantileLimit } from './quantileLimit.js';
import { LATEST } from './latestLines.js';
import type { RankedLine } from './rankedLine.js';
import { tailLimit } from './tailLimit.js';
import { type Threshold, thresholdOf } from './thresholdOf.js';

/** What lines and runs of lines have to exceed, all of them and those of some sorts; Infinity while too few are known. */
export interface AlarmThresholds {
  /** The numbers of all, by name. */
  readonly arrays: Readonly<Record<'threshold' | 'runs' | 'newErrors' | 'farNumbers' | 'rushes', Threshold['state']>>;
  /** Of the score of any line. */
  readonly line: number;
  /** Of the mean score of the last lines of a kind. */
  readonly run: number;
  /** Of `RankedLine.rush`. */
  readonly rush: number;
  /**
   * The threshold that a line's score is above, by a factor: that of all lines, of new errors if it is one, or of lines with far
   * numbers if it is one; undefined where it is above none.
   */
  exceededBy(line: RankedLine, factor: number): number | undefined;
  /** Learns from a line, whose last ones like it have a mean score. */
  add(line: RankedLine, mean: number): void;
}

const MARGIN = 1.7; // of what one score in a hundred is above, while a log is young
const SCORES = 1.3; // what is believed of scores before any came, per bit of rarity: a line of a new template alone has about 10
const ERRORS = 0.8; // of those of new errors
const NUMBERS = 1; // of those of lines with far numbers
const RUSH = 3; // of log2 of how often lines come beside what is usual: eight times, as nothing does by chance or by day
const FADING = 0.5; // of the scores of a young log, whose first lines are new for the most part
const RUNS = 1; // what is believed of the mean excess of runs
const ALARM = 1.05; // of the threshold, as what an alarm counts: a trouble hardly raises it, what comes again and again does
const RUSHING = 1.25; // of the threshold, as what a rush counts: it is longer than a line

/** Makes thresholds that one line in `oneIn` is above, from `least` lines on, and those of sorts from `oneIn` or twice as many. */
export function alarmThresholds(oneIn: number, least: number): AlarmThresholds {
  const threshold = thresholdOf(oneIn, least, quantileLimit(MARGIN, SCORES), FADING);
  const newErrors = thresholdOf(oneIn, Math.max(least, oneIn), quantileLimit(0, ERRORS), FADING);
  const farNumbers = thresholdOf(oneIn, Math.max(least, 2 * oneIn), quantileLimit(0, NUMBERS), FADING);
  const rushes = thresholdOf(oneIn, Math.max(least, 2 * oneIn), quantileLimit(0, 0), FADING);
  const runs = thresholdOf(oneIn, least, tailLimit(RUNS, LATEST)); // of means over the last lines
  const isNewError = ({ grave, isNew }: RankedLine): boolean => grave && isNew;
  const rushLimit = (): number => Math.max(RUSH, rushes.value);

  return {
    arrays: {
      threshold: threshold.state,
      runs: runs.state,
      newErrors: newErrors.state,
      farNumbers: farNumbers.state,
      rushes: rushes.state,
    },
    get line() {
      return threshold.value;
    },
    get run() {
      return runs.value;
    },
    get rush() {
      return rushLimit();
    },
    exceededBy(line, factor) {
      const { score } = line;
      if (score > factor * threshold.value) return threshold.value;
      if (isNewError(line) && score > factor * newErrors.value) return newErrors.value;
      return line.far && score > factor * farNumbers.value ? farNumbers.value : undefined;
    },
    add(line, mean) {
      const { score } = line;
      threshold.add(Math.min(score, ALARM * threshold.value));
      newErrors.add(isNewError(line) ? Math.min(score, ALARM * newErrors.value) : 0);
      farNumbers.add(line.far ? Math.min(score, ALARM * farNumbers.value) : 0);
      runs.add(Math.min(mean, runs.value));
      rushes.add(Math.min(line.rush, RUSHING * rushLimit()));
    },
  };
}
