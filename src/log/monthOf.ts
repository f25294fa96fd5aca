import { isDigit } from './isDigit.js';

/**
 * How the names of months begin, January first: in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish and
 * Russian.
 */
const MONTHS = [
  'jan|jän|ene|gen|sty|янв',
  'feb|fév|fev|lut|фев',
  'mar|mär|mrt|мар',
  'apr|avr|abr|kwi|апр',
  'may|mai|mei|maj|mag|май|мая',
  'jun|juin|giu|cze|июн',
  'jul|juil|lug|lip|июл',
  'aug|aoû|ago|sie|авг',
  'sep|set|wrz|сен',
  'oct|okt|ott|out|paź|окт',
  'nov|lis|ноя',
  'dec|déc|dez|dic|gru|дек',
];
const LETTERS = 'a-z\u00df-\u024f\u0430-\u044f';

/** Source of an expression, of whatever case, for the name of a month, short or in full. */
export const MONTH: string = /* @__PURE__ */ source();

function source(): string {
  return `(?:${MONTHS.join('|')})[${LETTERS}]{0,8}`;
}

const BEGINNINGS = /* @__PURE__ */ MONTHS.map((month) => new RegExp(`^(?:${month})`, 'i'));

/** The month of a name that `MONTH` matches, from 1; 0 for another. */
export function monthOf(name: string): number {
  if (isDigit(name.charCodeAt(0))) return 0;
  return BEGINNINGS.findIndex((beginning) => beginning.test(name)) + 1;
}
