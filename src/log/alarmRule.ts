import { type Threshold, thresholdOf } from './thresholdOf.js';

/** A line that was scored, as the rule sees it. */
export interface RankedLine {
  /** Its template, or the record that it continues. */
  readonly kind: number;
  /** What it has in common with lines that differ in few words. */
  readonly shape: number;
  readonly score: number;
  readonly unlike: number;
  readonly rarity: number;
}

/** What is remembered beside the thresholds; plain JSON. */
export interface AlarmRuleState {
  readonly alarmed: number;
  readonly alarmedShape: number;
  readonly latest: readonly RankedLine[];
}

/** Why a line is an alarm: it exceeds the threshold by itself, or the last lines of its kind do together. */
export interface Exceeded {
  readonly threshold: number;
  readonly byItself: boolean;
  readonly byRun: boolean;
}

/** Which lines are alarms. */
export interface AlarmRule {
  /** The numbers of its thresholds, by name. */
  readonly arrays: Readonly<Record<'threshold' | 'runs', Threshold['state']>>;
  /** The most that the last lines of a kind had. */
  latestOf(kind: number): { readonly unlike: number; readonly rarity: number };
  /** Takes a line with its number in the log; undefined where it is not an alarm. */
  add(line: RankedLine, number: number): Exceeded | undefined;
  state(): AlarmRuleState;
  /** Continues from a state, once its arrays are restored. */
  remember(state: AlarmRuleState): void;
}

const RECENT = 10; // lines among which repetitions are counted
const LEAST_ALARM = 14; // a line of a new template alone scores about 10
const LEAST_RUN = 7.5;
const QUIET = 30; // lines after an alarm without another
const SETTLING = 100; // lines at the start whose scores say nothing of what is usual

/**
 * Makes the rule: an alarm is a score above that of all but one line in `oneIn`, or a mean of the last ten lines, those of
 * other kinds counted as 0, that is. After an alarm there is none for 30 lines, and those of its shape do not count as usual.
 */
export function alarmRule(oneIn: number, warmUp: number): AlarmRule {
  const least = Math.max(1, warmUp - SETTLING);
  const threshold = thresholdOf(oneIn, least, 1.6, LEAST_ALARM);
  const runs = thresholdOf(oneIn, least, 1.8, LEAST_RUN); // of means over the last lines
  let alarmed = -QUIET; // the last alarm, and the shape of its line
  let alarmedShape = 0;
  let latest: RankedLine[] = [];

  /** The mean score of the last lines, those of other kinds as 0. */
  function runOf(by: 'kind' | 'shape', value: number): number {
    return latest.reduce((sum, one) => sum + (one[by] === value ? one.score : 0), 0) / RECENT;
  }
  return {
    arrays: { threshold: threshold.state, runs: runs.state },
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
      const [limit, runLimit] = [threshold.value, runs.value];
      latest.push(line);
      if (latest.length > RECENT) latest.shift();
      const run = Math.max(runOf('kind', line.kind), runOf('shape', line.shape));
      const mayBe = number - alarmed > QUIET;
      if (number > SETTLING && (mayBe || line.shape !== alarmedShape)) {
        threshold.add(Math.min(line.score, limit));
        runs.add(Math.min(run, runLimit));
      }
      const [byItself, byRun] = [line.score > limit, run > runLimit];
      if (!mayBe || !(byItself || byRun)) return undefined;
      [alarmed, alarmedShape] = [number, line.shape];
      return { threshold: byItself ? limit : runLimit, byItself, byRun };
    },
    state: () => ({ alarmed, alarmedShape, latest }),
    remember(state) {
      ({ alarmed, alarmedShape } = state);
      latest = [...state.latest];
    },
  };
}
