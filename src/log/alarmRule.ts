import { log } from '../kernel/math/log.js';
import type { LineAlarm } from './lineScore.js';
import { quantileLimit } from './quantileLimit.js';
import { tailLimit } from './tailLimit.js';
import { type Threshold, thresholdOf } from './thresholdOf.js';

/** A line that was scored, as the rule sees it. */
interface RankedLine {
  /** Its template, or the record that it continues. */
  readonly kind: number;
  readonly template: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** What it has in common with lines of the same template text, whatever their component. */
  readonly wording: number;
  /** Number of the line that its record begins with. */
  readonly record: number;
  /** What it has in common with lines that differ in few words. */
  readonly shape: number;
  /** Whether the log itself calls it an error, or worse. */
  readonly grave: boolean;
  /** Whether it continues a record. */
  readonly trace: boolean;
  /** Whether it is the first one of its template. */
  readonly isNew: boolean;
  /** Whether it has a number that is far from those before it. */
  readonly far: boolean;
  /** Log2 of how many times as often as usual lines of its text came last. */
  readonly rush: number;
  readonly score: number;
  readonly unlike: number;
  readonly rarity: number;
}

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

/** Why a line is an alarm: it exceeds the threshold by itself, or the last lines of its kind do together. */
interface Exceeded {
  /**
   * What was compared with the threshold, that of all lines or of those of its sort: the line's score with what is added for a
   * rare error, the bits of how rare an error was, the mean of a run, or `RankedLine.rush`.
   */
  readonly score: number;
  readonly threshold: number;
  readonly kind: LineAlarm['kind'];
  /** Lines that count in the run, and milliseconds from the first of them to the last. */
  readonly count: number;
  readonly span: number;
  /** Number of the first line that it is about: of those that count in the run, where the run exceeds its threshold too. */
  readonly since: number;
}

/** The last lines of a kind. */
interface Run extends Pick<Exceeded, 'count' | 'span'> {
  readonly mean: number;
  readonly ago: number;
}

/** Which lines are alarms. */
export interface AlarmRule {
  /** The numbers of its thresholds, by name. */
  readonly arrays: Readonly<Record<'threshold' | 'runs' | 'newErrors' | 'farNumbers' | 'rushes', Threshold['state']>>;
  /** Grave lines so far. */
  readonly graves: number;
  /** Whether no line can be an alarm yet. */
  readonly learning: boolean;
  /** The most that the last lines of a kind had. */
  latestOf(kind: number): { readonly unlike: number; readonly rarity: number };
  /** Takes a line with its number in the log; undefined where it is not an alarm. */
  add(line: RankedLine, number: number): Exceeded | undefined;
  state(): AlarmRuleState;
  /** Continues from a state, once its arrays are restored. */
  remember(state: AlarmRuleState): void;
}

const NONE: readonly RecentAlarm[] = [];
const RECENT = 10; // lines among which repetitions are counted
const MARGIN = 1.7; // of what one score in a hundred is above, while a log is young
const SCORES = 1.3; // what is believed of scores before any came, per bit of rarity: a line of a new template alone has about 10
const ERRORS = 0.8; // of those of new errors
const NUMBERS = 1; // of those of lines with far numbers
const RUSH = 3; // of log2 of how often lines come beside what is usual: eight times, as nothing does by chance or by day
const FADING = 0.5; // of the scores of a young log, whose first lines are new for the most part
const RUNS = 1; // what is believed of the mean excess of runs
const GRAVE = 0.6; // of the bits of how rare grave lines are, which are added to the score of one
const QUIET = 30; // lines after an alarm that are joined with it if they are like it; a quarter of `oneIn` where that is less
const CLEARLY = 1.25; // of the threshold: what a line soon after an alarm has to exceed where it is not an error, and a second run
const ALARM = 1.05; // of the threshold, as what an alarm counts: a trouble hardly raises it, what comes again and again does
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
  const least = Math.max(1, warmUp - SETTLING);
  const quiet = Math.min(QUIET, Math.floor(oneIn / 4));
  const threshold = thresholdOf(oneIn, least, quantileLimit(MARGIN, SCORES), FADING);
  const newErrors = thresholdOf(oneIn, Math.max(least, oneIn), quantileLimit(0, ERRORS), FADING);
  const farNumbers = thresholdOf(oneIn, Math.max(least, 2 * oneIn), quantileLimit(0, NUMBERS), FADING);
  const rushes = thresholdOf(oneIn, Math.max(least, 2 * oneIn), quantileLimit(0, 0), FADING);
  const runs = thresholdOf(oneIn, least, tailLimit(RUNS, RECENT)); // of means over the last lines
  let alarms: readonly RecentAlarm[] = []; // the latest last
  let soon: readonly number[] = [];
  let graves = 0;
  let lastRun = 0;
  let latest: RankedLine[] = [];

  /** The mean score of the last lines, those of other kinds as 0, how many count, and how long ago the first of them came. */
  function runOf(by: 'wording' | 'shape' | 'grave', line: RankedLine): Run {
    const of = line[by];
    let [sum, count, first] = [0, 0, 0];
    for (let i = 0; i < latest.length; i++) {
      const one = latest[i]!;
      if (one[by] !== of) continue;
      if (count === 0) first = i;
      sum += one.score;
      count += 1;
    }
    return { mean: sum / RECENT, count, ago: latest.length - 1 - first, span: line.time - latest[first]!.time };
  }
  return {
    arrays: {
      threshold: threshold.state,
      runs: runs.state,
      newErrors: newErrors.state,
      farNumbers: farNumbers.state,
      rushes: rushes.state,
    },
    get graves() {
      return graves;
    },
    get learning() {
      return threshold.value === Infinity; // `runs` has as many values
    },
    latestOf(kind) {
      let [unlike, rarity] = [0, 0];
      for (const one of latest) {
        if (one.kind !== kind) continue;
        unlike = Math.max(unlike, one.unlike);
        rarity = Math.max(rarity, one.rarity);
      }
      return { unlike, rarity };
    },
    add(line, number) {
      const [limit, runLimit, errorLimit, numberLimit] = [
        threshold.value,
        runs.value,
        newErrors.value,
        farNumbers.value,
      ];
      const rushLimit = Math.max(RUSH, rushes.value);
      const added = line.grave ? (GRAVE * log(number / ++graves)) / Math.LN2 : 0;
      const score = line.score + added;
      latest.push({ ...line, score });
      if (latest.length > RECENT) latest.shift();
      const [ofWording, ofShape] = [runOf(line.grave ? 'grave' : 'wording', line), runOf('shape', line)];
      const run = ofWording.mean > ofShape.mean ? ofWording : ofShape;
      if (alarms.length > 0 && number - alarms[0]!.number > WATCHED * oneIn) alarms = alarms.slice(1);
      const isNear = alarms.length > 0 && number - alarms.at(-1)!.number <= quiet;
      const near = isNear ? alarms.filter((alarm) => number - alarm.number <= quiet) : NONE;
      const joined = near.find(
        ({ template, shape, record }) => template === line.template || shape === line.shape || record === line.record,
      );
      const isNewError = line.grave && line.isNew;
      if (number > SETTLING && !joined) {
        threshold.add(Math.min(score, ALARM * limit));
        newErrors.add(isNewError ? Math.min(score, ALARM * errorLimit) : 0);
        farNumbers.add(line.far ? Math.min(score, ALARM * numberLimit) : 0);
        runs.add(Math.min(run.mean, runLimit));
        rushes.add(Math.min(line.rush, CLEARLY * rushLimit));
      }
      const isSecondRun = lastRun > 0 && number - lastRun <= oneIn;
      const isRare = line.grave && limit < Infinity && graves * oneIn <= number;
      /** The threshold that the score is above, by a factor; undefined for none. */
      const exceededBy = (factor: number): number | undefined => {
        if (score > factor * limit) return limit;
        if (isNewError && score > factor * errorLimit) return errorLimit;
        return line.far && score > factor * numberLimit ? numberLimit : undefined;
      };
      const usual = line.grave || line.trace || alarms.length < MANY ? 1 : CLEARLY;
      const exceeded = exceededBy(usual);
      const isLately = (alarm: RecentAlarm): boolean => number - alarm.number <= oneIn;
      const isRush =
        line.rush > rushLimit &&
        !alarms.some((alarm) => isLately(alarm) && alarm.isMany && alarm.wording === line.wording);
      const [byItself, byRun] = [isRare || exceeded !== undefined, run.mean > (isSecondRun ? CLEARLY : 1) * runLimit];
      if (joined) alarms = alarms.map((alarm) => (alarm === joined ? { ...alarm, record: line.record } : alarm));
      if (joined || !(byItself || byRun || isRush)) return undefined;
      if (!byRun && !isRush && !line.grave) {
        const isFarAgain = score <= limit && near.some(({ far }) => far);
        const isKnown = !line.isNew && !line.trace;
        const isAgain = (alarm: RecentAlarm): boolean =>
          isLately(alarm) &&
          alarm.template === line.template &&
          alarm.far === line.far &&
          score <= CLEARLY * alarm.score;
        if (isFarAgain || (isKnown && alarms.some(isAgain))) return undefined;
      }
      if (near.length > 0) {
        soon = soon.filter((other) => number - other <= oneIn);
        const isOther = exceededBy(line.grave || line.trace ? 1 : CLEARLY) !== undefined;
        const isNewRun = run.mean > CLEARLY * runLimit && number - run.ago > near.at(-1)!.number;
        if (!(isRare || isOther || isNewRun || isRush) || soon.length >= MOST_SOON) return undefined;
        soon = [...soon, number];
      }
      if (!byItself && byRun) lastRun = number;
      const { template, wording, shape, record, far } = line;
      alarms = [...alarms, { number, template, wording, shape, record, far, score, isMany: !byItself }].slice(
        -MOST_RECENT,
      );
      const since = byRun ? number - run.ago : number;
      return {
        ...(exceeded !== undefined
          ? { score, threshold: exceeded }
          : isRare
            ? { score: log(number / graves) / Math.LN2, threshold: log(oneIn) / Math.LN2 }
            : byRun
              ? { score: run.mean, threshold: runLimit }
              : { score: line.rush, threshold: rushLimit }),
        kind: byItself ? 'line' : byRun ? 'burst' : 'rush',
        count: run.count,
        span: run.span,
        since,
      };
    },
    state: () => ({ alarms, soon, graves, lastRun, latest }),
    remember(state) {
      ({ alarms, soon, graves, lastRun } = state);
      latest = [...state.latest];
    },
  };
}
