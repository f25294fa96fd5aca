import type { FarNumber } from './numberModel.js';

/** What a line has that may be a reason. */
interface Seen {
  /** Whether its template is new; if not, lines of the template so far, this one included. */
  readonly isNew: boolean;
  readonly count: number;
  /** Lines of its template just before it, and bits of so many. */
  readonly before: number;
  readonly burstBits: number;
  /** Lines of its template per millisecond before; 0 for none or where no time has passed. */
  readonly rate: number;
  /** Of an alarm that is a burst: lines of its kind among the last ten, and their milliseconds. */
  readonly run: { readonly count: number; readonly span: number } | undefined;
  /** Whether it is an error; errors before it. */
  readonly grave: boolean;
  readonly graves: number;
  /** Its number in the log. */
  readonly lines: number;
  /** Its number that is farthest from those before. */
  readonly far: FarNumber | undefined;
  readonly hasNewWords: boolean;
  /** Whether it continues a trace. */
  readonly continues: boolean;
}

const RARE = 1 / 64; // share of errors up to which one is a reason

/** What raised the score of a line, in words: see `Why.reasons`. */
export function reasonsOf(seen: Seen): string[] {
  const { isNew, count, before, burstBits, rate, run, grave, graves, lines, far, hasNewWords, continues } = seen;
  const reasons: string[] = [];
  if (isNew) reasons.push('new template');
  else if (count === 2) reasons.push('template came once before');
  else if (count < 10) reasons.push(`template came ${count - 1} times before`);
  const isDense = before >= 4 && burstBits > 8;
  if (isDense) reasons.push(`burst: ${before + 1} within 1.5 s${usually(rate)}`);
  else if (run && run.span >= 0)
    reasons.push(`burst: ${run.count} lines like it within ${lasting(run.span)}${usually(rate)}`);
  if (grave && graves < RARE * lines) reasons.push(errorReason(graves, lines));
  if (far) {
    reasons.push(`${far.isDate ? 'date' : 'number'} ${far.text}, before ${shown(far.low)} to ${shown(far.high)}`);
  }
  if (hasNewWords) reasons.push('new words');
  if (continues) reasons.push('continues a trace');
  return reasons;
}

function errorReason(before: number, lines: number): string {
  if (before === 0) return lines === 1 ? 'first error' : `first error in ${lines} lines`;
  return `${before} ${before === 1 ? 'error' : 'errors'} in ${lines - 1} lines before`;
}

function shown(number: number): string {
  return String(Number(number.toPrecision(6)));
}

const UNITS = [
  [1000, 'second'],
  [60_000, 'minute'],
  [3_600_000, 'hour'],
  [86_400_000, 'day'],
] as const;

/** A time in whole units, at least a second, as many clocks have no less. */
function lasting(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** What is usual instead, per the shortest time in which one is. */
function usually(rate: number): string {
  const [length, unit] = UNITS.find(([length]) => rate * length >= 1) ?? [0, ''];
  return length === 0 ? '' : `, usually ${shown(Number((rate * length).toPrecision(2)))} per ${unit}`;
}
