import { fold } from '../cli/fold.js';
import { amount } from '../cli/amount.js';
import type { Detected } from './detector.js';

/** The most columns of the picture, and its rows. */
const COLUMNS = 64;
const ROWS = 10;
const LABEL = 10;
/** Characters between a label and the first column, and at the end of a line, where a terminal may wrap it. */
const BORDER = 3;

/** What of one column of the picture is known: means, so that an endless stream takes no more memory. */
interface Column {
  readonly count: number;
  readonly came: number;
  readonly expected: number;
  readonly alarm: boolean;
}

/** A picture of a whole stream in bounded memory: where it gets too wide, two columns become one. */
export interface Strip {
  add(detected: Detected): void;
  text(): string;
}

/** Makes an empty picture that fits into lines of so many characters. */
export function strip(width: number = Infinity): Strip {
  const most = Math.max(2, Math.min(COLUMNS, 2 * Math.floor((width - LABEL - BORDER) / 2))); // even: two become one
  let columns: Column[] = [];
  let share = 1; // rows per column
  return {
    add({ value, predicted, score }) {
      const row: Column = { count: 1, came: value, expected: predicted, alarm: score >= 0.5 };
      const last = columns.at(-1);
      if (last && last.count < share) {
        columns[columns.length - 1] = merge(last, row);
        return;
      }
      if (columns.length === most) {
        columns = Array.from({ length: most / 2 }, (_, i) => merge(columns[2 * i]!, columns[2 * i + 1]!));
        share *= 2;
      }
      columns.push(row);
    },
    text() {
      const came = columns.map(({ came }) => came);
      const expected = columns.map(({ expected }) => expected);
      const [low, high] = [Math.min(...came, ...expected), Math.max(...came, ...expected)];
      const span = high / 2 - low / 2 || 1; // halves, whose difference is finite
      const place = (x: number): number => Math.round(((x / 2 - low / 2) / span) * (ROWS - 1));
      const lines = Array.from({ length: ROWS }, (_, r) => {
        const height = ROWS - 1 - r;
        const cells = columns.map((_, i) =>
          place(came[i]!) === height ? '·' : place(expected[i]!) === height ? '░' : ' ',
        );
        const label = r === 0 ? high.toPrecision(4) : r === ROWS - 1 ? low.toPrecision(4) : '';
        return `${label.padStart(LABEL)} ┤${cells.join('')}`.trimEnd();
      });
      const alarms = columns.map(({ alarm }) => (alarm ? '▲' : ' ')).join('');
      lines.push(`${'alarms'.padStart(LABEL)} ┤${alarms}`.trimEnd());
      const mean = share > 1 ? 'the mean of ' : '';
      const legend = `· came, ░ predicted, where it differs; a column is ${mean}${amount(share, 'row')}`;
      return [...fold(legend, width - 1), ...lines].join('\n');
    },
  };
}

/** Two neighbours as one; its means are finite, as theirs are. */
function merge(a: Column, b: Column): Column {
  const count = a.count + b.count;
  const mean = (x: number, y: number): number => x * (a.count / count) + y * (b.count / count);
  return { count, came: mean(a.came, b.came), expected: mean(a.expected, b.expected), alarm: a.alarm || b.alarm };
}
