import { visible } from '../../src/index.js';
import { picture } from './picture.js';

/** What comes after a series, as `forecast` says it. */
export interface Ahead {
  readonly names: readonly string[];
  readonly rows: readonly (readonly number[])[];
  readonly predicted: readonly (readonly number[])[];
  /** Root of the mean square error per step ahead and column, in the units of the rows. */
  readonly deviation: readonly number[];
}

/** Nine of ten draws of a normal distribution are within so many deviations. */
const NINETY = 1.645;

const MOST_NUMBERS = 12; // of a forecast, beside its picture

/** A picture of each column and its first numbers, in lines of at most `width` characters where the numbers allow it. */
export function forecastText({ names, rows, predicted, deviation }: Ahead, width: number): string {
  const texts = names.map((name, d) => {
    const band = predicted.map((_, h) => NINETY * deviation[h * names.length + d]!);
    const past = rows.slice(-Math.max(3 * predicted.length, 48)).map((row) => row[d]!);
    const forecast = predicted.map((row) => row[d]!);
    const bandName = `± ${NINETY} root mean square errors on the test rows`;
    const more = forecast.length > MOST_NUMBERS ? `, … (all ${forecast.length} with --json)` : '';
    const numbers = forecast.slice(0, MOST_NUMBERS).map((x) => x.toPrecision(5));
    return `\n${picture({ name: visible(name), past, forecast, band, bandName, width })}\nnext: ${numbers.join(', ')}${more}`;
  });
  return texts.join('\n');
}
