import { randomUUID } from 'node:crypto';
import { type FilePlace, type PageHinkleyTest, pageHinkleyTest, visible } from '../../src/index.js';
import { amount } from '../cli/amount.js';
import { CHANGE } from './alarms.js';
import type { Fold } from './foldAlarms.js';
import { lagMeter } from './lagMeter.js';
import { type Metric, serveMetrics } from './metrics.js';
import { monitorState, type Remembered } from './monitorState.js';
import type { Scored } from './scored.js';
import type { Scoring } from './scoring.js';
import { statOf } from './statOf.js';
import type { StatusLine } from './statusLine.js';
import { webhook } from './webhook.js';

export interface MonitorOptions {
  readonly file: string | undefined;
  /** The state file; without one nothing is remembered. */
  readonly state: string | undefined;
  readonly settings: Remembered['settings'];
  readonly metrics: string | undefined;
  readonly webhook: string | undefined;
  /** Seconds of lag from which lines are left out. */
  readonly mostLag: number;
  readonly status: StatusLine;
}

/** What goes on beside the scoring of lines: state, metrics, webhook, status line. */
export interface Monitor {
  /** What the run before remembered. */
  readonly before: ReturnType<typeof monitorState>['before'] | undefined;
  readonly folds: Map<string, Fold>;
  /** Tests whether lines have become more surprising; saved with the state. */
  readonly change: PageHinkleyTest;
  readonly alarms: number;
  /** Whether it has seen too few lines to mark any. */
  readonly learning: boolean;
  /** Begins, once there is something to save. */
  start(scoring: Scoring): Promise<void>;
  /** Whether lines come faster than they are scored. */
  readonly behind: boolean;
  /** Notes the place behind the line that is scored next. */
  reached(place: FilePlace | undefined): void;
  /** Notes that this line is left out. */
  leftOut(): void;
  /** Counts a line that was scored, and reports its alarm. */
  count(scored: Scored): void;
  /** Whether the run before has printed the line that was reached, may have done so, or did not. */
  printed(): 'yes' | 'perhaps' | 'no';
  /** Notes that the line was printed; saves the state once per minute. */
  done(): void;
  /** Saves the state, and delivers what waits; an Error where the state cannot be saved. */
  end(): Promise<void>;
}

const SAVE_EVERY = 60_000;
const LOOK_EVERY = 1000;
const CAUGHT_UP = 1; // seconds of lag
const LAST_DELIVERIES = 5000; // milliseconds

/** Makes the monitor of a run; an Error where its state is refused. */
export function monitor(options: MonitorOptions): Monitor {
  const { file, status } = options;
  const state = options.state === undefined ? undefined : monitorState(options.state, options.settings);
  const before = state?.before;
  const folds = new Map((before?.folds ?? []).map((fold) => [fold.key, fold]));
  const change = pageHinkleyTest({ ...CHANGE, state: before?.change });
  const killed = file !== undefined && before !== undefined && !before.ended;
  const printedBefore = file === undefined ? 0 : (state?.printed ?? 0); // what standard input brought does not come again
  const run = before?.id ?? randomUUID();
  const lag = file === undefined ? undefined : lagMeter(file);
  const started = performance.now();
  let scoring: Scoring;
  let { read, lines, bits, alarms } = before ?? { read: 0, lines: 0, bits: 0, alarms: 0 };
  let left = 0; // lines left out
  let place = before?.place ?? beginningOf(file);
  let pending = false; // a line was scored and is not printed yet: a state would lose it
  let looked = -Infinity;
  let saved = 0; // on the clock of `performance`
  let savedAt = before?.saved ?? 0;
  let savedLines = lines;
  let failures = 0; // to save
  let marking = true; // whether the last mark was written
  let ticking: NodeJS.Timeout | undefined;
  let behind = false;
  let learning = true;
  let threshold = NaN;
  let held:
    { readonly id: string; readonly alarm: Scored; readonly trace: string[]; readonly since: number } | undefined;
  const first = lines;
  const hook =
    options.webhook === undefined
      ? undefined
      : webhook(options.webhook, {
          secret: process.env['RXRNN_WEBHOOK_SECRET'],
          waiting: before?.waiting ?? [],
          say: (message) => status.say(message),
        });

  /** An alarm waits for its trace: until its record ends, but no longer than for two looks. */
  function release(): void {
    const now = held;
    held = undefined;
    if (!now) return;
    const trace = now.trace.length > 0 && { trace: now.trace };
    hook?.post(now.id, { type: 'alarm', source: file ?? null, ...now.alarm, ...trace });
  }
  function report(scored: Scored): void {
    const { number, record = number, trace = [] } = scored;
    if (held && record === held.alarm.record) held.trace.push(...trace);
    else release();
    if (scored.alarm?.count !== 1) return;
    release();
    held = { id: `${run}-${read}`, alarm: scored, trace: [...trace], since: performance.now() };
  }
  function save(ended: boolean): void {
    if (!state) return;
    release();
    saved = performance.now(); // tried
    const waiting = hook?.waiting.slice() ?? [];
    const open = { folds: [...folds.values()], change: change.state(), waiting };
    state.save({ read, lines, bits, alarms, place, ...open, ended }, scoring.state!());
    savedAt = Date.now();
    savedLines = lines;
    if (failures > 0) status.say(`--state ${visible(options.state!)}: saved again`);
    failures = 0;
  }
  /** A state that cannot be saved now is tried again; the lines are worth more. */
  function trySave(): void {
    try {
      save(false);
    } catch (error) {
      if (failures++ === 0) status.say(`${(error as Error).message}; it is tried again every minute`);
    }
  }
  /** Without a mark the line may be printed again after a kill; it is tried again at the next one. */
  function tryMark(): void {
    try {
      state!.mark(read);
      marking = true;
    } catch (error) {
      if (marking)
        status.say(`${(error as Error).message}; until it can be written, lines may come twice after a kill`);
      marking = false;
    }
  }
  function look(): void {
    looked = performance.now();
    lag?.look(place);
    if (!lag) return;
    const late = lag.seconds > (behind ? CAUGHT_UP : options.mostLag) && lag.caughtUp;
    if (late !== behind) {
      behind = late;
      const much = `${Math.round(lag.seconds)} s, ${lag.bytes.toLocaleString('en')} bytes`;
      status.say(
        behind
          ? `behind by ${much}: of lines that differ in numbers alone, one in ten is scored until it has caught up`
          : `caught up; ${left.toLocaleString('en')} lines were left out so far`,
      );
    }
  }
  function tick(): void {
    look();
    if (held && looked - held.since >= LOOK_EVERY) release();
    if (state && !pending && savedLines < lines && looked - saved >= SAVE_EVERY) trySave();
  }
  function statusText(): string {
    const count = lines.toLocaleString('en');
    if (learning && scoring.warmUp !== undefined)
      return `learning: ${count} of about ${scoring.warmUp.toLocaleString('en')} lines`;
    const rate = Math.round((1000 * (lines - first)) / Math.max(1, performance.now() - started));
    const late = lag && lag.seconds >= 1 ? ` · ${Math.round(lag.seconds)} s behind` : '';
    return `${count} lines · ${rate.toLocaleString('en')} per s · ${amount(alarms, 'alarm')}${late}`;
  }
  function metrics(): Metric[] {
    const counter = (name: string, help: string, value = NaN): Metric => ({ name: `rxrnn_${name}_total`, type: 'counter', help, value }); // prettier-ignore
    const gauge = (name: string, help: string, value = NaN): Metric => ({ name, type: 'gauge', help, value });
    look();
    return [
      counter('lines', 'Lines scored.', lines),
      counter('bits', 'Surprisal of all lines, in bits.', bits),
      counter('alarms', 'Lines with an alarm, equal ones counted one by one.', alarms),
      counter('left_out', 'Lines left out while behind.', left),
      gauge('rxrnn_learning', '1 while nothing is marked yet, since too few lines are known.', learning ? 1 : 0),
      gauge('rxrnn_alarm_threshold', 'Score from which a line is an alarm by itself, at the last one.', threshold),
      gauge('rxrnn_templates', 'Templates of lines that are kept.', scoring.templates?.()),
      gauge('rxrnn_lag_bytes', 'Bytes written to the file and not scored yet.', lag?.bytes),
      gauge('rxrnn_lag_seconds', 'Seconds since the next byte to score was written.', lag?.seconds),
      gauge('rxrnn_state_saved_timestamp_seconds', 'When the state was saved.', state && savedAt / 1000),
      gauge('rxrnn_state_failures', 'Attempts to save the state since the last that did not fail.', state && failures),
      counter('webhook_delivered', 'Events that the webhook has taken.', hook?.delivered),
      counter('webhook_dropped', 'Events that were given up.', hook?.dropped),
      gauge('rxrnn_webhook_waiting', 'Events that wait for the webhook.', hook?.waiting.length),
      gauge('process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
    ];
  }
  return {
    before,
    folds,
    change,
    get alarms() {
      return alarms;
    },
    get learning() {
      return learning;
    },
    async start(of) {
      scoring = of;
      learning = of.warmUp === undefined || lines < of.warmUp;
      save(false); // also the proof that it can be written
      if (options.metrics !== undefined) await serveMetrics(options.metrics, metrics);
      if (of.warmUp !== undefined && lines < of.warmUp) {
        status.note(`learning from the first ${of.warmUp.toLocaleString('en')} lines; nothing is marked yet`);
      }
      ticking = setInterval(tick, LOOK_EVERY).unref();
    },
    get behind() {
      return behind;
    },
    reached(at) {
      place = at;
      read += 1;
    },
    leftOut() {
      left += 1;
    },
    count(scored) {
      const { alarm, learning: still = false } = scored;
      lines = scored.number;
      bits += scored.bits;
      if (learning && !still && lines > first + 1)
        status.note(`learned from ${(lines - 1).toLocaleString('en')} lines; what is strange follows`);
      learning = still;
      if (alarm) {
        alarms += 1;
        if (alarm.kind === 'line') threshold = alarm.threshold ?? threshold;
      }
      if (hook) report(scored);
      pending = true;
    },
    printed() {
      if (read <= printedBefore) return 'yes';
      return killed && read === printedBefore + 1 ? 'perhaps' : 'no';
    },
    done() {
      pending = false;
      if (state && read > printedBefore) tryMark();
      if (performance.now() - looked >= LOOK_EVERY) tick(); // a timer has to wait for its turn
      status.show(statusText);
    },
    async end() {
      clearInterval(ticking);
      release();
      try {
        await hook?.close(LAST_DELIVERIES);
        save(true);
      } finally {
        state?.close();
      }
    },
  };
}

/** The beginning of the file that has the name now: what is read first, should it be rotated before anything is saved. */
function beginningOf(file: string | undefined): FilePlace | undefined {
  const found = file === undefined ? undefined : statOf(file);
  if (!found?.isFile()) return undefined;
  return { inode: String(found.ino), offset: 0, head: '0:e3b0c44298fc1c14', modified: Number(found.mtimeMs) };
}
