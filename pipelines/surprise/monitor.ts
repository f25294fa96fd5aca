import { randomUUID } from 'node:crypto';
import { type FilePlace, type PageHinkleyTest, pageHinkleyTest } from '../../src/index.js';
import { amount } from '../cli/amount.js';
import { alarmEvents } from './alarmEvents.js';
import { CHANGE } from './alarms.js';
import type { Fold } from './foldAlarms.js';
import { lagWatch } from './lagWatch.js';
import { serveMetrics } from './metrics.js';
import { monitorMetrics } from './monitorMetrics.js';
import type { Remembered } from './monitorState.js';
import type { Scored } from './scored.js';
import type { Scoring } from './scoring.js';
import { type Saved, type StateKeeper, stateKeeper } from './stateKeeper.js';
import { statOf } from './statOf.js';
import type { StatusLine } from './statusLine.js';
import { webhook } from './webhook.js';

export interface MonitorOptions {
  readonly file: string | undefined;
  /** Whether the file is followed as it grows: only then can lines come faster than they are scored. */
  readonly follow: boolean;
  /** The state file; without one nothing is remembered. */
  readonly state: string | undefined;
  readonly settings: Remembered['settings'];
  readonly metrics: string | undefined;
  readonly webhook: string | undefined;
  /** Seconds of lag from which lines are left out. */
  readonly mostLag: number;
  readonly status: StatusLine;
  /** Whether lines are typed on the terminal: then the status line keeps out of them. */
  readonly typed: boolean;
}

/** What goes on beside the scoring of lines: state, metrics, webhook, status line. */
export interface Monitor {
  /** What the run before remembered. */
  readonly before: StateKeeper['before'] | undefined;
  /** Where the file is to be read from; its beginning by default. */
  readonly from: FilePlace | undefined;
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
  /** Notes the place after the line that is scored next, and whether it is the first one of a file. */
  reached(place: FilePlace | undefined, begins?: boolean): void;
  /** Notes that the lines from here on are not those that the run before has read. */
  isNew(): void;
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

const LOOK_EVERY = 1000;
const MINUTE = 60; // looks
const IDLE = 3000; // milliseconds without a line from which that is said
const SURE = 1024; // bytes that tell a file from a later one
const UNTOLD =
  'printed after the last state cannot be distinguished from what comes: their numbers, and perhaps they, come again';
const LAST_DELIVERIES = 5000; // milliseconds

/** Makes the monitor of a run; an Error where its state is refused. */
export function monitor(options: MonitorOptions): Monitor {
  const { file, status } = options;
  const state = options.state === undefined ? undefined : stateKeeper(options.state, options.settings, status.say);
  const before = state?.before;
  const run = before?.id ?? randomUUID();
  const folds = new Map((before?.folds ?? []).map((fold) => [fold.key, fold]));
  const change = pageHinkleyTest({ ...CHANGE, state: before?.change });
  const lag = file !== undefined && options.follow ? lagWatch(file, options.mostLag, status.say) : undefined;
  const hook =
    options.webhook === undefined
      ? undefined
      : webhook(options.webhook, {
          secret: process.env['RXRNN_WEBHOOK_SECRET'],
          waiting: before?.waiting ?? [],
          say: status.say,
        });
  const events = hook && alarmEvents(hook, file ?? null);
  let killed = before !== undefined && !before.ended;
  let printedBefore = state?.printed ?? 0;
  const started = performance.now();
  let scoring: Scoring;
  let { read, lines, bits, alarms } = before ?? { read: 0, lines: 0, bits: 0, alarms: 0 };
  const first = lines;
  let leftOut = 0;
  const from = file === undefined || !before?.saved ? undefined : (before.place ?? nothingRead('0', before.saved));
  let place = from ?? beginningOf(file);
  let known = Number.parseInt(place?.head ?? '0', 10); // bytes by which the saved place knows its file, while few
  let pending = false; // a line was scored and is not printed yet: a state would lose it
  let learning = true;
  let threshold = NaN;
  let looked = -Infinity; // on the clock of `performance`
  let arrived = started; // when the last line came
  const counts: (readonly [at: number, lines: number])[] = []; // of the last minute
  let ticking: NodeJS.Timeout | undefined;

  if (known === 0) forget(); // also what standard input brought, which does not come again

  /** From here on no line is one that the run before has read, and no id that of one of its alarms. */
  function forget(): void {
    if (printedBefore > read)
      status.say(`${amount(printedBefore - read, 'line that was', 'lines that were')} ${UNTOLD}`);
    read = Math.max(read, printedBefore + (killed ? 1 : 0));
    printedBefore = 0;
    killed = false;
  }

  function memory(ended: boolean): Saved {
    events?.release(); // so that it is among what waits
    const open = { folds: [...folds.values()], change: change.state(), waiting: hook?.waiting.slice() ?? [] };
    return [{ read, lines, bits, alarms, place, ...open, ended }, scoring.state!()];
  }
  /** A mark counts lines behind the saved place: that has to be found again, also in a file that was just begun. */
  function note(): void {
    const bytes = place?.offset ?? 0;
    if (known < SURE && bytes >= Math.max(1, 4 * known)) saveKnown(bytes);
    state?.tryMark(read);
  }
  function saveKnown(bytes: number): void {
    known = bytes;
    state?.trySave(() => memory(false));
  }
  function look(): void {
    looked = performance.now();
    lag?.look(place, leftOut);
  }
  function tick(): void {
    look();
    events?.release(looked - LOOK_EVERY); // a record may not end for long
    if (state && !pending && state.isDue(lines, looked)) state.trySave(() => memory(false));
    counts.push([looked, lines]);
    if (counts.length > MINUTE) counts.shift();
    if (looked - arrived >= IDLE && !options.typed) status.show(statusText);
  }
  function statusText(): string {
    const count = lines.toLocaleString('en');
    const waited = performance.now() - arrived;
    const idle =
      waited < IDLE
        ? ''
        : ` · ${lines > first ? 'last line' : 'no line for'} ${durationText(waited)}${lines > first ? ' ago' : ''}`;
    if (learning && scoring.warmUp !== undefined)
      return `learning: ${count} of about ${scoring.warmUp.toLocaleString('en')} lines${idle}`;
    const [since, before] = counts[0] ?? [started, first];
    const rate = (1000 * (lines - before)) / Math.max(1, performance.now() - since);
    const late = lag && lag.seconds >= 1 ? ` · ${Math.round(lag.seconds)} s behind` : '';
    return `${count} lines · ${rateText(rate)} · ${amount(alarms, 'alarm')}${late}${idle}`;
  }
  return {
    before,
    from,
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
      try {
        state?.save(() => memory(false)); // also the proof that it can be written
        if (options.metrics !== undefined) {
          await serveMetrics(options.metrics, () => {
            look();
            const templates = scoring.templates?.();
            return monitorMetrics({ lines, bits, alarms, leftOut, learning, threshold, templates, lag, state, hook });
          });
        }
      } catch (error) {
        state?.close();
        throw error;
      }
      if (of.warmUp !== undefined && lines < of.warmUp) {
        status.note(`learning from the first ${of.warmUp.toLocaleString('en')} lines; nothing is marked yet`);
      }
      ticking = setInterval(tick, LOOK_EVERY).unref();
    },
    get behind() {
      return lag?.isBehind ?? false;
    },
    reached(at, begins = false) {
      if (at && (known === 0 || begins)) {
        place = { ...at, offset: 0 }; // with what tells its file, before the line is printed: the one before may go
        saveKnown(at.offset);
        if (read >= printedBefore) state?.tryMark(read); // `forget` may have advanced it
      }
      place = at;
      read += 1;
      arrived = performance.now();
    },
    isNew: forget,
    leftOut() {
      leftOut += 1;
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
      events?.add(scored, `${run}-${read}`);
      pending = true;
    },
    printed() {
      if (read <= printedBefore) return 'yes';
      return killed && read === printedBefore + 1 ? 'perhaps' : 'no';
    },
    done() {
      pending = false;
      if (read > printedBefore) note();
      if (performance.now() - looked >= LOOK_EVERY) tick(); // a timer has to wait for its turn
      status.show(statusText);
    },
    async end() {
      clearInterval(ticking);
      events?.release();
      try {
        await hook?.close(LAST_DELIVERIES);
        state?.save(() => memory(true));
      } finally {
        state?.close();
      }
    },
  };
}

/** Lines per second, or per minute where they are few. */
function rateText(perSecond: number): string {
  if (perSecond >= 1 || perSecond === 0) return `${Math.round(perSecond).toLocaleString('en')} per s`;
  return `${Math.round(60 * perSecond)} per min`;
}

function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** The beginning of the file that has the name now: what is read first, should it be rotated before anything is saved. */
function beginningOf(file: string | undefined): FilePlace | undefined {
  const found = file === undefined ? undefined : statOf(file);
  return found?.isFile() ? nothingRead(String(found.ino), Date.now()) : undefined;
}

/** The place where nothing was read yet of a file of this number, at a time; 0 for one that was not there. */
function nothingRead(inode: string, modified: number): FilePlace {
  return { inode, offset: 0, head: '0:e3b0c44298fc1c14', modified };
}
