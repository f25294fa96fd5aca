import { largestOf } from '../cli/largestOf.js';

/** Formats a float as Python prints it: the shortest digits that read back, with a point; `1e-05` and `1e+16`. */
export function floatText(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
  const [digits, exponent] = x.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (x !== 0 && (power < -4 || power >= 16))
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  const text = Object.is(x, -0) ? '-0' : power < 0 ? x.toFixed(fraction(digits) - power) : String(x);
  return text.includes('.') ? text : `${text}.0`;
}

/** Formats floats as NumPy prints an array: as many decimals as needed, at most eight, points aligned. */
export function rowText(row: readonly number[]): string {
  return `[${column(row).join(' ')}]`;
}

/** Formats a matrix of floats as NumPy prints one. */
export function matrixText(rows: readonly (readonly number[])[]): string {
  const cells = column(rows.flat());
  const width = rows[0]?.length ?? 0;
  return `[${rows.map((_, r) => `[${cells.slice(r * width, (r + 1) * width).join(' ')}]`).join('\n ')}]`;
}

function column(values: readonly number[]): string[] {
  const split = values.map((x) => {
    const [whole, decimals = ''] = x.toFixed(8).split('.') as [string, string?];
    return { whole, decimals: decimals.replace(/0+$/, '') };
  });
  const left = largestOf(split.map(({ whole }) => whole.length));
  const right = largestOf(split.map(({ decimals }) => decimals.length));
  return split.map(({ whole, decimals }) => `${whole.padStart(left)}.${decimals.padEnd(right)}`);
}

function fraction(digits: string): number {
  return digits.split('.')[1]?.length ?? 0;
}
