import type { Exceeded } from './alarmRule.js';
import type { ScoreParts } from './lineScore.js';
import type { FarNumber } from './numberModel.js';
import { reasonOfParts } from './reasonOfParts.js';

/** What a line has that may be a reason. */
export interface Seen {
  /** Whether its template is new; if not, lines of the template so far, this one included. */
  readonly isNew: boolean;
  readonly count: number;
  /** Lines of its template just before it, and bits of so many. */
  readonly before: number;
  readonly burstBits: number;
  /** Milliseconds since the first line of the log. */
  readonly elapsed: number;
  /**
   * What it exceeds, if it is an alarm: of a burst with lines like it among the last ten, of a rush with the last 17 of its
   * template's text.
   */
  readonly exceeded: Exceeded | undefined;
  readonly parts: ScoreParts;
  /** Whether it is an error; errors before it. */
  readonly grave: boolean;
  readonly graves: number;
  /** Its number in the log. */
  readonly lines: number;
  /** Its number that is farthest from those before. */
  readonly far: FarNumber | undefined;
  /** Words and values of it that never came before. */
  readonly newWords: readonly string[];
  readonly newValues: readonly string[];
  /** Whether it continues a trace. */
  readonly continues: boolean;
}

const RARE = 1 / 64; // share of errors up to which one is a reason

/** What raised the score of a line, in words: see `Why.reasons`. */
export function reasonsOf(seen: Seen): string[] {
  const { isNew, count, before, burstBits, exceeded, grave, graves, lines, far, newWords, continues } = seen;
  const reasons: string[] = [];
  if (isNew) reasons.push('new template');
  else if (count === 2) reasons.push('template came once before');
  else if (count < 10) reasons.push(`template came ${count - 1} times before`);
  const many = exceeded?.many;
  const isDense = before >= 4 && burstBits > 8;
  if (isDense) reasons.push(`burst: ${before + 1} within 1.5 s${usually(seen)}`);
  else if (many && many.span >= 0)
    reasons.push(`burst: ${many.count} lines like it within ${lasting(many.span)}${usually(seen)}`);
  if (grave && graves < RARE * lines) reasons.push(errorReason(graves, lines));
  if (far) {
    reasons.push(`${far.isDate ? 'date' : 'number'} ${far.text}, before ${shown(far.low)} to ${shown(far.high)}`);
  }
  if (newWords.length > 0) reasons.push('new words');
  if (continues) reasons.push('continues a trace');
  return exceeded ? alarmReasons(seen, exceeded, reasons) : reasons;
}

/** Those of an alarm: also an unusual value that no new word is part of, and what weighs most where there are no others. */
function alarmReasons(seen: Seen, exceeded: Exceeded, reasons: string[]): string[] {
  const { isNew, far, newWords, newValues, parts } = seen;
  if (reasons.length === 0) return [reasonOfParts(parts, exceeded, newValues[0])];
  const odd = newValues.find((value) => !newWords.some((word) => value.includes(word)));
  if (exceeded.kind === 'line' && !isNew && !far && odd !== undefined) {
    reasons.push(`unusual value ${JSON.stringify(odd)}`);
  }
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
function usually(seen: Seen): string {
  const rate = usualRate(seen);
  const [length, unit] = UNITS.find(([length]) => rate * length >= 1) ?? [0, ''];
  return length === 0 ? '' : `, usually ${shown(Number((rate * length).toPrecision(2)))} per ${unit}`;
}

/** Lines per millisecond before: of a rush those of its text, else those of its template but for the burst; 0 where none are. */
function usualRate({ exceeded, count, before, elapsed }: Seen): number {
  const many = exceeded?.many;
  if (many?.rate !== undefined) return many.rate;
  if (elapsed <= 0) return 0;
  return Math.max(0, count - Math.max(before + 1, many?.count ?? 0)) / elapsed;
}
