import { operator } from '../../src/index.js';
import type { OperatorFunction } from 'rxjs';
import { clearlyAbove } from './clearlyAbove.js';
import { ownText } from './ownText.js';
import { readableLine } from './readableLine.js';
import type { AlarmOf, Scored } from './scored.js';

/** Equal alarms that are one. */
export interface Fold {
  readonly key: string;
  /** The beginning of the first one's line, as people read it; absent in states of earlier versions. */
  readonly line?: string;
  /** Milliseconds, when the first one came. */
  readonly begun: number;
  /** Milliseconds, when the latest one came, and its line. */
  latest: number;
  last: number;
  count: number;
  /** The highest score that was shown; absent where the alarm has none, and in states of earlier versions. */
  score?: number;
  /** What was thrown and where, in traces of those that are counted, as `unlikeTraces` notes it. */
  traces?: readonly string[];
  /** How many of them were reported already, when a run ended; 1 by default, the first one. */
  told?: number;
}

/** What counts as one alarm. */
export interface FoldOptions {
  /** Milliseconds since the first one in which equal alarms are one. */
  readonly within: number;
  /** Milliseconds since 1970, for lines without a time of their own; comparable with those of earlier runs. */
  readonly now: () => number;
  /** Those that are open; kept by the caller, who may save and restore them. */
  readonly folds: Map<string, Fold>;
  /** Called when the time of one that came more than once is over, and at the end. */
  readonly ended: (fold: Fold) => void;
}

const MOST_FOLDS = 1000;
const MOST_LINE = 240; // UTF-16 units of each

/**
 * Counts equal alarms within a time: the first has the count 1 and is to be shown, those after it are counted only, unless the
 * score is clearly higher, 1.25 times: then it begins a new count.
 *
 * ```
 * alarms                      -a-a-b-a-------a-|
 * foldAlarms({ within: 6 })   -1-2-1-3-------1-|      and `ended` of the first three before the last one
 * ```
 *
 * Time is the lines' own, so that a log that is read at once is folded as one that is followed; lines without one come as
 * long after the last line that has one as they arrive. Where time jumps by more than `within`, back too, a new fold begins:
 * rather an alarm twice than none. At the end those that are open stay in `folds`, for a run that goes on.
 */
export function foldAlarms<S extends Scored>({ within, now, folds, ended }: FoldOptions): OperatorFunction<S, S> {
  let offset: number | undefined; // of the log's own clock to that of arrivals

  function timeOf({ time }: Scored): number {
    const arrived = now();
    if (time == null) return arrived + (offset ?? 0);
    offset = time - arrived;
    return time;
  }
  function tell(fold: Fold): void {
    if (fold.count > (fold.told ?? 1)) ended(fold);
    fold.told = fold.count;
  }
  function end(key: string, fold: Fold): void {
    folds.delete(key);
    tell(fold);
  }
  function count(scored: Scored, { key, score }: AlarmOf, time: number): number {
    const { number } = scored;
    for (const [other, fold] of folds) {
      if (Math.abs(time - fold.begun) <= within && (folds.size < MOST_FOLDS || other === key)) break;
      end(other, fold); // the first one is the oldest
    }
    const known = folds.get(key);
    const higher = score !== undefined && clearlyAbove(score, known?.score ?? Infinity);
    const fold = known && Math.abs(time - known.begun) <= within && !higher ? known : undefined;
    if (known && !fold) end(key, known);
    const counted = fold ?? {
      key,
      line: ownText(readableLine(scored).line, MOST_LINE),
      begun: time,
      latest: time,
      last: number,
      count: 0,
      ...(score !== undefined && { score }),
    };
    folds.set(key, counted);
    counted.latest = time;
    counted.last = number;
    counted.count += 1;
    return counted.count;
  }
  return operator<S, S>((subscriber) => ({
    next(scored) {
      const { alarm } = scored;
      const time = timeOf(scored);
      if (!alarm) return subscriber.next(scored);
      subscriber.next({ ...scored, alarm: { ...alarm, count: count(scored, alarm, time) } });
    },
    complete() {
      for (const fold of folds.values()) tell(fold);
      subscriber.complete();
    },
  }));
}
