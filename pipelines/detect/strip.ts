import type { Detected } from './detector.js';

/** The most columns of the picture, and its rows. */
const COLUMNS = 64;
const ROWS = 10;
const LABEL = 10;

/** What of one column of the picture is known: sums, so that an endless stream takes no more memory. */
interface Column {
  count: number;
  came: number;
  expected: number;
  alarm: boolean;
}

/** A picture of a whole stream in bounded memory: where it gets too wide, two columns become one. */
export interface Strip {
  add(detected: Detected): void;
  text(): string;
}

/** Makes an empty picture. */
export function strip(): Strip {
  let columns: Column[] = [];
  let share = 1; // rows per column
  return {
    add({ value, predicted, score }) {
      let last = columns.at(-1);
      if (!last || last.count === share) {
        if (columns.length === COLUMNS) {
          columns = Array.from({ length: COLUMNS / 2 }, (_, i) => merge(columns[2 * i]!, columns[2 * i + 1]!));
          share *= 2;
        }
        columns.push((last = { count: 0, came: 0, expected: 0, alarm: false }));
      }
      last.count += 1;
      last.came += value;
      last.expected += predicted;
      last.alarm ||= score >= 0.5;
    },
    text() {
      const came = columns.map(({ came, count }) => came / count);
      const expected = columns.map(({ expected, count }) => expected / count);
      const [low, high] = [Math.min(...came, ...expected), Math.max(...came, ...expected)];
      const place = (x: number): number => Math.round(((x - low) / (high - low || 1)) * (ROWS - 1));
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
      return `· what came, ░ what was predicted; a column is ${share} rows\n${lines.join('\n')}`;
    },
  };
}

function merge(a: Column, b: Column): Column {
  return {
    count: a.count + b.count,
    came: a.came + b.came,
    expected: a.expected + b.expected,
    alarm: a.alarm || b.alarm,
  };
}
