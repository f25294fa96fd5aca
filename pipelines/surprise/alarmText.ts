import { visiblePiece } from '../cli/visiblePiece.js';
import { visible } from '../../src/index.js';
import type { Fold } from './foldAlarms.js';
import { readableLine } from './readableLine.js';
import type { Scored } from './scored.js';

export interface AlarmTextOptions {
  /** Width of the terminal. */
  readonly columns: number;
  readonly colours: boolean;
  /** Where the line has no time: the last line that had one, or else the time of arrival. */
  readonly stamped?: Pick<Scored, 'line' | 'time'>;
  readonly arrived?: Date;
  /** It may have been printed before, by a run that was killed. */
  readonly repeated?: boolean;
}

const RED = '\u001b[1;38;5;196m';
const YELLOW = '\u001b[38;5;221m';
const GREY = '\u001b[38;5;245m';
const PLAIN = '\u001b[0m';
const MOST_SHOWN = 468; // characters of one line of the log: six rows of 80 columns
const MOST_ROWS = 2; // of an alarm that follows another one
const MOST_WORDS = 5; // new ones that are named
const MOST_OF_TRACE = 150; // characters of a line of a trace
/** Characters of a line in which its time is looked for. */
export const MOST_STAMP = 300;
const INDENT = '  ';
const REPEATED = 'perhaps said before';

/**
 * Formats a line with an alarm: what and where, the line with its strange parts in colour or underlined, what was expected
 * instead, and why it is strange. Rows are broken at the width of the terminal.
 */
export function alarmText(
  scored: Scored,
  { columns, colours, stamped, arrived, repeated = false }: AlarmTextOptions,
): string {
  const { alarm, number, score, severity, trace = [] } = scored;
  const { line, time } = stamped ?? scored;
  const width = Math.max(20, columns) - INDENT.length;
  const colour = (code: string, text: string): string => (colours ? `${code}${text}${PLAIN}` : text);
  const at = typeof time === 'number' ? clockOf(line, time) : arrived && localClock(arrived);
  const head = [
    `${alarm ? KINDS[alarm.kind] : 'line'}${at === undefined ? '' : ` ${at}`}`,
    `line ${number.toLocaleString('en')}`,
    ...(typeof severity === 'string' ? [severity] : []),
    comparison(score, alarm),
    ...(repeated ? [REPEATED] : []),
  ];
  return [
    ...joined(head, ' · ', columns).map((row) => colour(RED, row)),
    ...(scored.head === undefined
      ? []
      : traceRows([readableLine({ line: scored.head, strange: [] }).line], columns, MOST_SHOWN)),
    ...logLine(readableLine(scored), width, colours).map((row) => INDENT + row),
    ...traceRows(trace, columns),
    ...reasonRows(scored, columns, colours),
  ].join('\n');
}

/** Why a line is strange, and what was expected instead: the rows below an alarm, and below a line of the strangest. */
export function reasonRows(scored: Scored, columns: number, colours: boolean): string[] {
  const { why } = scored;
  const expected = why?.expected == null || why.expected === why.seen ? [] : [`expected: ${why.expected}`];
  const texts = [...reasons(scored), ...expected].map((text) => visible(text, { most: 500 }));
  const rows = joined(texts, ' · ', Math.max(20, columns) - INDENT.length);
  return rows.map((row) => INDENT + (colours ? `${GREY}${row}${PLAIN}` : row));
}

/** An alarm that came soon after another one, in two rows at most, and what its trace says. */
export function followText(
  scored: Scored,
  { columns, repeated = false }: Pick<AlarmTextOptions, 'columns' | 'repeated'>,
): string {
  const { number, severity, alarm, why, trace = [] } = scored;
  const texts = [
    `and line ${number.toLocaleString('en')}`,
    ...(typeof severity === 'string' ? [severity] : []),
    ...(repeated ? [REPEATED] : []),
    ...(alarm?.kind === 'line' ? [] : (why?.reasons ?? []).slice(0, 1)), // of many lines it says how many
    readableLine(scored).line,
  ];
  const text = texts.map((text) => visible(text, { most: MOST_SHOWN })).join(' · ');
  const rows = broken(Array.from(text), Math.max(20, columns) - INDENT.length - 1).map((row) => row.join('').trimEnd());
  const shown = rows.slice(0, MOST_ROWS).map((row) => INDENT + row);
  return [shown.join('\n') + (rows.length > MOST_ROWS ? '…' : ''), ...traceRows(trace, columns)].join('\n');
}

/** The lines of a trace that say most; `of` is the number of the alarm's line where that has to be said. */
export function traceText(trace: readonly string[], columns: number, of?: number): string {
  return [...(of === undefined ? [] : [`trace of line ${of.toLocaleString('en')}`]), ...traceRows(trace, columns)].join('\n'); // prettier-ignore
}

/** What is said when the time is over in which equal alarms are one. */
export function foldText({ count, last, told = 1, line }: Fold, columns: number): string {
  const more = count - told;
  const of = line === undefined ? '' : `: ${visible(line, { most: 60 })}`;
  const text = `… ${more.toLocaleString('en')} more like it up to line ${last.toLocaleString('en')}${of}`;
  return broken(Array.from(text), columns).map((row) => row.join('').trimEnd()).join('\n'); // prettier-ignore
}

/** What is said of the alarms of all lines, at the end. */
export function countText(alarms: number, learning: boolean): string {
  if (learning) return 'too few to say what is strange';
  if (alarms === 0) return 'nothing was strange';
  return `${alarms.toLocaleString('en')} ${alarms === 1 ? 'line' : 'lines'} with an alarm`;
}

function traceRows(trace: readonly string[], columns: number, most = MOST_OF_TRACE): string[] {
  return trace.flatMap((line) => {
    const indent = INDENT + (/^\s/.test(line) ? INDENT : '');
    const width = Math.max(20, columns - 1 - indent.length);
    const rows = broken(Array.from(visible(line.trim())), width);
    const last = Math.ceil(most / width) - 1;
    const cut = rows.length > last + 1 ? '…' : '';
    return rows.slice(0, last + 1).map((row, i) => indent + row.join('').trimEnd() + (i === last ? cut : ''));
  });
}

/** The score as it was compared: of a burst a mean, and of an error that is rare more than its own. */
function comparison(score: number, alarm: Scored['alarm']): string {
  const own = `score ${score.toFixed(1)}`;
  if (alarm?.threshold === undefined) return own;
  const { kind, score: compared = score, threshold } = alarm;
  if (kind === 'rush') return `${timesOf(compared)} times as often as before, alarm from ${timesOf(threshold)}`;
  const added = compared > score ? ` + ${(compared - score).toFixed(1)} as a rare error` : '';
  const what = kind === 'burst' ? `mean score of ten lines ${compared.toFixed(1)}` : own + added;
  return `${what}, alarm from ${threshold.toFixed(1)}`;
}

function timesOf(bits: number): string {
  return (2 ** bits).toFixed(bits < 4 ? 1 : 0);
}

const KINDS = { line: 'STRANGE', burst: 'BURST', rush: 'BURST', change: 'CHANGE' } as const;

function reasons({ why, alarm }: Scored): string[] {
  const change =
    alarm?.before === undefined || alarm.after === undefined
      ? []
      : [`since line ${alarm.since} ${alarm.after.toFixed(2)} bits per character, before ${alarm.before.toFixed(2)}`];
  const given = why?.reasons ?? [];
  const news = given.includes('new template') ? [] : [...new Set(why?.newWords)].slice(0, MOST_WORDS); // there all is new
  const words = news.length > 0 ? [`new: ${news.map((word) => `"${word}"`).join(', ')}`] : [];
  return [...given.filter((reason) => reason !== 'new words'), ...words, ...change];
}

/** A clock of 24 hours, or of 12 with its half of the day. */
const CLOCK = /(?<!\d)(\d{1,2}):(\d\d:\d\d)(?!\d)(?:[.,]\d{1,9})?(?:[ \u202f]?([ap])\.?m\b)?/gi;

/** The time of day as the line has it, in its own zone, or of UTC where it has none; the log has the date. */
function clockOf(line: string, time: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '';
  const utc = date.toISOString().slice(11, 19);
  for (const [, hour, rest, half] of line.slice(0, MOST_STAMP).matchAll(CLOCK)) {
    if (!rest!.endsWith(utc.slice(-2))) continue; // zones differ by minutes
    const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
    return `${String(hours).padStart(2, '0')}:${rest}`;
  }
  return utc;
}

function localClock(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** Puts texts behind each other, and on a new row where one does not fit any more; breaks those that are too long. */
function joined(texts: readonly string[], between: string, width: number): string[] {
  const rows: string[] = [];
  for (const text of texts) {
    const last = rows.at(-1);
    if (last !== undefined && widthOf(last) + between.length + widthOf(text) <= width) {
      rows[rows.length - 1] = last + between + text;
    } else for (const row of broken(Array.from(text), width)) rows.push(row.join(''));
  }
  return rows;
}

/** The line of the log in rows, each with marks below where there are no colours. */
function logLine({ line, strange }: Pick<Scored, 'line' | 'strange'>, width: number, colours: boolean): string[] {
  const mostRows = Math.ceil(MOST_SHOWN / width);
  const symbols = Array.from(line.slice(0, 2 * width * mostRows));
  const shown = symbols.map((symbol, i) => visiblePiece(symbol, symbols[i - 1]).replaceAll('\t', ' '));
  const marked = new Uint8Array(symbols.length);
  for (const { from, to } of strange) marked.fill(1, from, to);
  if (marked.reduce((sum, mark) => sum + mark, 0) > symbols.length / 2) marked.fill(0); // marks everywhere say nothing
  const rows: string[] = [];
  let first = 0;
  const broke = broken(shown, width);
  for (const row of broke.slice(0, mostRows)) {
    const marks = marked.subarray(first, first + row.length);
    first += row.length;
    if (colours) {
      rows.push(row.map((symbol, i) => (marks[i] ? `${YELLOW}${symbol}${PLAIN}` : symbol)).join(''));
      continue;
    }
    rows.push(row.join('').trimEnd());
    const below = row.map((symbol, i) => (marks[i] ? '^' : ' ').repeat(widthOf(symbol))).join('').trimEnd(); // prettier-ignore
    if (below !== '') rows.push(below);
  }
  if (first < symbols.length || symbols.join('').length < line.length) rows.push('…');
  return rows;
}

/** Breaks pieces into rows of at most so many columns, behind a space where one is in the second half of a row. */
function broken(pieces: readonly string[], width: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let used = 0;
  for (const piece of pieces) {
    const more = widthOf(piece);
    if (used + more > width && used > 0) {
      const space = row.lastIndexOf(' ') + 1;
      const kept = space > row.length / 2 ? space : row.length;
      rows.push(row.slice(0, kept));
      row = row.slice(kept);
      used = row.reduce((sum, other) => sum + widthOf(other), 0);
    }
    row.push(piece);
    used += more;
  }
  return [...rows, row];
}

const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\p{Emoji_Presentation}]/u; // prettier-ignore
const MARK = /^\p{M}$/u;

/** Columns that a text takes on a terminal: two per East Asian character and emoji, none per combining mark. */
function widthOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const symbol of text) width += WIDE.test(symbol) ? 2 : MARK.test(symbol) ? 0 : 1;
  return width;
}
