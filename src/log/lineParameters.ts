import { hashOf } from './hashOf.js';
import type { LogLine } from './logRecord.js';
import type { ParameterKind } from './maskToken.js';
import { type FarNumber, numberModel } from './numberModel.js';
import type { Arrays } from './packState.js';
import { parameterModel } from './parameterModel.js';
import type { TemplateMatch } from './templateMiner.js';
import { timesIn } from './timesIn.js';
import { unitOf } from './unitOf.js';

/** What the parameters of a line say. */
interface ParameterBits {
  /** Bits of all of them. */
  readonly bits: number;
  /** Bits of the one that was least to be expected in its slot, as a new value and as a number far from those before. */
  readonly novelty: number;
  /** Those that never came in their slot and were not to be expected there, as an id is; the first few. */
  readonly newValues: readonly string[];
  /** Where these and the numbers far from those before them are, and of what kind; the first few. */
  readonly strangeSlots: readonly string[];
  /** The number that is farthest from those before it; undefined where all are as usual. */
  readonly far: FarNumber | undefined;
}

/** Predicts the parameters of lines. */
export interface LineParameters {
  /** Bits of the parameters of a line, given its template; then learns them. */
  score(line: LogLine, match: TemplateMatch): ParameterBits;
  readonly arrays: { readonly parameters: Arrays; readonly numbers: Arrays };
}

/** A date of a line, as it is written there. */
interface Dated {
  readonly text: string;
  readonly year: number;
}

/** The day, month, year or clock of a date of several tokens. */
const PART_OF_DATE = /^[^\s\p{L}\d]?[\p{L}\d]{1,12}\.?[^\s\p{L}\d]{0,2}$/u;
const EPOCH = 1970; // the year that dates that are none have
const OF_YEARS = 0x5bd1e995;
const MOST_NEW = 8;
const MARKED = 3; // bits from which a new value is worth a mark

/**
 * Makes a model of the parameters of lines: where the template has wildcards, and values that the line names. Dates and clocks are
 * taken out of them: that a day, month or year turns is to be expected. Of a date the year counts as a number.
 */
export function lineParameters(): LineParameters {
  const parameters = parameterModel();
  const numbers = numberModel();
  let farDate: Dated | undefined; // of this line

  /** Bits of how far the year of a date is off; then learns it. */
  function scoreYear(slot: number, date: Dated): number {
    const bits = numbers.score(slot ^ OF_YEARS, sinceEpoch(date));
    if (bits > 0) farDate = date;
    return bits;
  }

  return {
    score(line, match) {
      let bits = 0;
      let novelty = 0;
      const newValues: string[] = [];
      const strangeSlots: string[] = [];
      farDate = undefined;
      numbers.begin();
      const score = (slot: number, value: string, kind: ParameterKind, place: string | number, unit = ''): boolean => {
        const times = kind === 'address' || kind === 'uuid' ? undefined : timesIn(value);
        if (times) {
          const bitsOfYear = times.date ? scoreYear(slot, times.date) : 0;
          if (bitsOfYear >= MARKED && strangeSlots.length < MOST_NEW) strangeSlots.push(`date at ${place}`);
          value = times.rest;
        } else if (kind === 'time' && PART_OF_DATE.test(value)) return false;
        bits += parameters.score(slot, value, kind);
        const far = numbers.score(slot, value + unit);
        novelty = Math.max(novelty, parameters.novelty);
        const marked = parameters.isNew && parameters.novelty >= MARKED;
        if ((marked || far >= MARKED) && strangeSlots.length < MOST_NEW) strangeSlots.push(`${kind} at ${place}`);
        return marked && far < MARKED; // or else its number is what is strange
      };
      const mark = (value: string): void => {
        if (newValues.length < MOST_NEW) newValues.push(value);
      };
      let words: readonly string[] | undefined; // of the template, where they are needed
      for (let i = 0; i < match.parameters.length; i++) {
        const value = match.parameters[i]!;
        const slot = match.slots[i]!;
        const kind = match.kinds[i]!;
        let unit = '';
        if (kind === 'number') {
          const isNext = match.slots[i + 1] === slot + 1;
          const next = isNext ? match.parameters[i + 1]! : ((words ??= match.template.split(' '))[slot + 1] ?? '');
          if (next !== '' && unitOf(next).varies) unit = ` ${next}`;
        }
        if (score(slotOf(match.id, slot), value, kind, slot, unit) || match.isNew) mark(value);
      }
      for (const [name, value] of line.fields) {
        if (score(slotOf(match.id, hashOf(name)), value, /\d/.test(value) ? 'number' : 'word', name)) mark(value);
      }
      const far = asDate(numbers.farthest, farDate);
      if (far) mark(far.text);
      return { bits, novelty: Math.max(novelty, far?.bits ?? 0), newValues, strangeSlots, far };
    },
    arrays: { parameters: parameters.state, numbers: numbers.state },
  };
}

function sinceEpoch({ year }: Dated): string {
  return String(year - EPOCH);
}

/** The farthest number of a line, as the date where it is the year of that. */
function asDate(far: FarNumber | undefined, date: Dated | undefined): FarNumber | undefined {
  if (!far || !date || far.text !== sinceEpoch(date)) return far;
  return { ...far, text: date.text, low: far.low + EPOCH, high: far.high + EPOCH, isDate: true };
}

/** A hash of a place in a template: of a token, or of a name. */
function slotOf(id: number, slot: number): number {
  const hash = Math.imul(id + 1, 0x2c1b3c6d) ^ Math.imul(slot + 1, 0x297a2d39);
  return (hash ^ (hash >>> 15)) | 0;
}
