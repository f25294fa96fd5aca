import { log } from '../kernel/math/log.js';
import { alarmThresholds, type AlarmThresholds } from './alarmThresholds.js';
import { latestLines, type LatestLines } from './latestLines.js';
import type { LineAlarm } from './lineScore.js';
import type { RankedLine } from './rankedLine.js';

/** An alarm that lines after it may be joined with. */
interface RecentAlarm extends Pick<RankedLine, 'template' | 'wording' | 'shape' | 'record' | 'far' | 'score'> {
  readonly number: number;
  /** Whether it is a burst or a rush. */
  readonly isMany: boolean;
  /** Of its line, or of the last one that was joined with it. */
  readonly record: number;
}

/** What is remembered beside the thresholds; plain JSON. */
export interface AlarmRuleState {
  /** Alarms of the last lines, four times `oneIn`, the most recent ones. */
  readonly alarms: readonly RecentAlarm[];
  /** Numbers of the last alarms that came soon after another one. */
  readonly soon: readonly number[];
  /** Grave lines so far. */
  readonly graves: number;
  /** Number of the last alarm that was a burst; 0 before one. */
  readonly lastRun: number;
  readonly latest: readonly RankedLine[];
}

/** Lines that are an alarm together. */
interface Many {
  readonly count: number;
  /** Milliseconds from the first of them to the last. */
  readonly span: number;
  /** How many per millisecond are usual, where that is known. */
  readonly rate?: number;
}

/** Why a line is an alarm: it exceeds the threshold by itself, or the last lines of its kind do together. */
export interface Exceeded {
  readonly kind: LineAlarm['kind'];
  /**
   * What was compared with the threshold, that of all lines or of those of its sort: the line's score with what is added for a
   * rare error, the bits of how rare an error was, the mean of a run, or `RankedLine.rush`.
   */
  readonly score: number;
  readonly threshold: number;
  /** The lines of a burst or of a rush; absent where the line is one by itself. */
  readonly many?: Many;
  /** Number of the first line that it is about: of those that count in the run, where the run exceeds its threshold too. */
  readonly since: number;
}

/** Which lines are alarms. */
export interface AlarmRule extends Pick<AlarmThresholds, 'arrays'> {
  /** Grave lines so far. */
  readonly graves: number;
  /** Whether no line can be an alarm yet. */
  readonly learning: boolean;
  /** The most that the last lines of a kind had. */
  readonly latestOf: LatestLines['mostOf'];
  /** Takes a line with its number in the log, and the rush that it may be of; undefined where it is not an alarm. */
  add(line: RankedLine, number: number, rush: Many): Exceeded | undefined;
  state(): AlarmRuleState;
  /** Continues from a state, once its arrays are restored. */
  remember(state: AlarmRuleState): void;
}

const GRAVE = 0.6; // of the bits of how rare grave lines are, which are added to the score of one
const QUIET = 30; // lines after an alarm that are joined with it if they are like it; a quarter of `oneIn` where that is less
const CLEARLY = 1.25; // of the threshold: what a line soon after an alarm has to exceed where it is not an error, and a second run
const WATCHED = 4; // times `oneIn` lines: with MANY alarms in the last of them there is one as often as is wanted
const MANY = 3;
const MOST_RECENT = 64; // alarms that are remembered
const MOST_SOON = 3; // alarms in `oneIn` lines that come while another is as recent
const SETTLING = 100; // lines at the start whose scores say nothing of what is usual

/**
 * Makes the rule: an alarm is a score above that of all but one line in `oneIn`, or a mean of the last ten lines, those of
 * other kinds counted as 0, that is; clearly so where such a mean was an alarm in the last `oneIn` lines. Grave lines are of one
 * kind, and count for more the rarer they were so far; one is an alarm whatever its score where at most one line in `oneIn` was
 * grave, as a crash is that has come before.
 *
 * New errors, which are grave lines of a new template, and lines with far numbers are also compared with their own sort: a score
 * that all but one line in `oneIn` were below, or not of that sort, is an alarm, though other news may score higher. For that
 * the log must have had `oneIn` lines, and for numbers, whose tails are heavy, twice as many.
 *
 * Lines of one text that come more than eight times as often as usual, and more so than those of all but one line in `oneIn` did,
 * are an alarm once in `oneIn` lines, from twice as many lines on: logs whose lines come in bursts have many.
 *
 * For 30 lines after an alarm those of its template, shape or record are joined with it, and do not count as usual; so are lines
 * that have far numbers, as it had, and nothing else. A line among them that shows another trouble is an alarm if its score is
 * above the threshold by itself, clearly so where it is neither grave nor of a trace, or if a run that began after that alarm
 * clearly is, up to three times in `oneIn` lines. For `oneIn` lines a known template that was an alarm is not one again, but for
 * grave lines, unless its score is clearly higher; and after three alarms in four times `oneIn` lines the score of a line that is
 * neither grave nor of a trace has to be above its threshold clearly.
 */
export function alarmRule(oneIn: number, warmUp: number): AlarmRule {
  const quiet = Math.min(QUIET, Math.floor(oneIn / 4));
  const thresholds = alarmThresholds(oneIn, Math.max(1, warmUp - SETTLING));
  const latest = latestLines();
  let alarms: readonly RecentAlarm[] = []; // the latest last
  let soon: readonly number[] = [];
  let graves = 0;
  let lastRun = 0;

  /** What exceeds a threshold: the line by itself, it as a rare error, the last lines like it, or how often they come. */
  function exceeding(line: RankedLine, number: number, mean: number, rush: Many): Exceeded | undefined {
    const { score } = line;
    const limit = thresholds.exceededBy(line, isFrank(line) || alarms.length < MANY ? 1 : CLEARLY);
    const byRun = isRun(mean, number);
    const since = byRun ? number - latest.alike().ago : number;
    if (limit !== undefined) return { kind: 'line', score, threshold: limit, since };
    if (isRare(line, number)) return { kind: 'line', score: log2(number / graves), threshold: log2(oneIn), since };
    if (byRun) return { kind: 'burst', score: mean, threshold: thresholds.run, many: latest.alike(), since };
    if (!isRush(line, number)) return undefined;
    return { kind: 'rush', score: line.rush, threshold: thresholds.rush, many: rush, since };
  }
  /** Whether it says by itself that something is wrong. */
  function isFrank({ grave, trace }: RankedLine): boolean {
    return grave || trace;
  }
  function isRare({ grave }: RankedLine, number: number): boolean {
    return grave && graves * oneIn <= number && thresholds.line < Infinity;
  }
  function isRun(mean: number, number: number): boolean {
    const isSecond = lastRun > 0 && number - lastRun <= oneIn;
    return mean > (isSecond ? CLEARLY : 1) * thresholds.run;
  }
  /** Whether lines of its text come as never before, and were not an alarm together lately. */
  function isRush({ rush, wording }: RankedLine, number: number): boolean {
    if (rush <= thresholds.rush) return false;
    return !alarms.some((alarm) => number - alarm.number <= oneIn && alarm.isMany && alarm.wording === wording);
  }

  /** The alarm just before a line that it is joined with: one of its template, shape or record. */
  function joining({ template, shape, record }: RankedLine, number: number): RecentAlarm | undefined {
    if (!isNear(number)) return undefined;
    return alarms.find(
      (alarm) =>
        number - alarm.number <= quiet &&
        (alarm.template === template || alarm.shape === shape || alarm.record === record),
    );
  }
  function isNear(number: number): boolean {
    return alarms.length > 0 && number - alarms.at(-1)!.number <= quiet;
  }
  /** Whether a line that exceeds by its own score alone says nothing new, since an alarm was like it. */
  function isAgain(line: RankedLine, number: number): boolean {
    const { template, far, score } = line;
    const isFarAgain = score <= thresholds.line && alarms.some((alarm) => alarm.far && number - alarm.number <= quiet);
    if (isFarAgain || line.isNew || line.trace) return isFarAgain;
    return alarms.some(
      (alarm) =>
        number - alarm.number <= oneIn &&
        alarm.template === template &&
        alarm.far === far &&
        score <= CLEARLY * alarm.score,
    );
  }
  /** Whether a line just after an alarm shows another trouble. */
  function isOther(line: RankedLine, number: number, mean: number): boolean {
    if (isRare(line, number) || isRush(line, number)) return true;
    if (thresholds.exceededBy(line, isFrank(line) ? 1 : CLEARLY) !== undefined) return true;
    const isClearRun = mean > CLEARLY * thresholds.run;
    return isClearRun && number - latest.alike().ago > alarms.at(-1)!.number;
  }
  /** Whether what exceeds a threshold is part of a trouble that was an alarm, and so is not one; else it may be the next soon. */
  function isSuppressed(line: RankedLine, number: number, mean: number): boolean {
    const isMany = isRun(mean, number) || isRush(line, number);
    if (!isMany && !line.grave && isAgain(line, number)) return true;
    if (!isNear(number)) return false;
    soon = soon.filter((other) => number - other <= oneIn);
    if (!isOther(line, number, mean) || soon.length >= MOST_SOON) return true;
    soon = [...soon, number];
    return false;
  }
  function remember(
    { template, wording, shape, record, far, score }: RankedLine,
    number: number,
    isMany: boolean,
  ): void {
    const alarm: RecentAlarm = { number, template, wording, shape, record, far, score, isMany };
    alarms = [...alarms, alarm].slice(-MOST_RECENT);
  }

  return {
    arrays: thresholds.arrays,
    get graves() {
      return graves;
    },
    get learning() {
      return thresholds.line === Infinity; // that of runs has as many values
    },
    latestOf: latest.mostOf,
    add(scored, number, rush) {
      if (scored.grave) graves += 1;
      const rarity = scored.grave ? (GRAVE * log(number / graves)) / Math.LN2 : 0;
      const line = rarity === 0 ? scored : { ...scored, score: scored.score + rarity };
      latest.add(line);
      const mean = latest.mean();
      if (alarms.length > 0 && number - alarms[0]!.number > WATCHED * oneIn) alarms = alarms.slice(1);

      const joined = joining(line, number);
      if (joined) {
        alarms = alarms.map((alarm) => (alarm === joined ? { ...alarm, record: line.record } : alarm));
        return undefined;
      }
      const exceeded = exceeding(line, number, mean, rush);
      const isAlarm = exceeded !== undefined && !isSuppressed(line, number, mean);
      if (number > SETTLING) thresholds.add(line, mean);
      if (!isAlarm) return undefined;
      if (exceeded.kind === 'burst') lastRun = number;
      remember(line, number, exceeded.kind !== 'line');
      return exceeded;
    },
    state: () => ({ alarms, soon, graves, lastRun, latest: latest.state() }),
    remember(state) {
      ({ alarms, soon, graves, lastRun } = state);
      latest.remember(state.latest);
    },
  };
}

function log2(x: number): number {
  return log(x) / Math.LN2;
}
