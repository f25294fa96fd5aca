import { fold } from '../cli/fold.js';

/** What a picture shows of one column: what came, what was predicted, and the band around it. */
export interface PictureOptions {
  readonly name: string;
  readonly past: readonly number[];
  readonly forecast: readonly number[];
  /** Half of the band's width, per step ahead. */
  readonly band: readonly number[];
  /** What the band is, for the legend. */
  readonly bandName: string;
  readonly rows?: number;
  /** The longest line, in characters; by default any, of which at most 64 are columns of the picture. */
  readonly width?: number;
}

const COLUMNS = 64;
const LABEL = 10;
/** Characters of the two upright lines, of two columns that are half full, and of the end, where a terminal may wrap. */
const BORDER = 6;

/** Draws a series and its forecast as text: `·` what came, `█` what is predicted, `░` the band around it. */
export function picture({ name, past, forecast, band, bandName, rows = 12, width = Infinity }: PictureOptions): string {
  const columns = Math.max(2, Math.min(COLUMNS, width - LABEL - BORDER));
  const ahead = forecast.length;
  const share = Math.max(1, Math.ceil((past.length + ahead) / columns)); // points per column of text
  const came = chunks(past, share);
  const expected = chunks(forecast, share);
  const half = chunks(band, share);
  const low = Math.min(...came, ...expected.map((x, i) => x - half[i]!));
  const high = Math.max(...came, ...expected.map((x, i) => x + half[i]!));
  const place = (x: number): number => Math.round(((x - low) / (high - low || 1)) * (rows - 1));
  const cells = Array.from({ length: rows }, (_, r) => {
    const height = rows - 1 - r;
    const left = came.map((x) => (place(x) === height ? '·' : ' ')).join('');
    const right = expected.map((x, i) => {
      if (place(x) === height) return '█';
      return place(x - half[i]!) <= height && height <= place(x + half[i]!) ? '░' : ' ';
    });
    const label = r === 0 ? short(high) : r === rows - 1 ? short(low) : '';
    return `${label.padStart(LABEL)} ┤${left}│${right.join('')}`.trimEnd();
  });
  return [...fold(`${name}: · what came, █ what is predicted, ░ ${bandName}`, width - 1), ...cells].join('\n');
}

/** Means of runs of `share` numbers. */
function chunks(numbers: readonly number[], share: number): number[] {
  return Array.from({ length: Math.ceil(numbers.length / share) }, (_, i) => {
    const run = numbers.slice(i * share, (i + 1) * share);
    return run.reduce((sum, x) => sum + x, 0) / run.length;
  });
}

function short(x: number): string {
  return Math.abs(x) >= 1e6 || (x !== 0 && Math.abs(x) < 1e-3) ? x.toExponential(2) : x.toPrecision(4);
}
