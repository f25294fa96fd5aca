import { show } from '../check/show.js';

/** `decimalNumber` without its checks, for each cell of a table. */
export function readDecimal(text: string, decimal: '.' | ','): number {
  const isComma = decimal === ',';
  if ((isComma ? WITH_COMMA : WITH_POINT).test(text)) return finite(Number(isComma ? text.replace(',', '.') : text));
  const grouped = GROUPED.test(text);
  const marked = (isComma ? WITH_POINT : WITH_COMMA).test(text);
  if (!grouped && !marked) return NaN;
  const mark = isComma ? 'a decimal point' : 'a decimal comma';
  const reads = isComma ? "without { decimal: ',' } it is read" : "{ decimal: ',' } reads it";
  if (!grouped) throw new RangeError(`${show(text)} has ${mark}; ${reads}`);
  const without = 'numbers with separators of thousands are not read, write them without';
  if (!marked) throw new RangeError(`${show(text)}: ${without}`);
  throw new RangeError(`${show(text)} has ${mark} or a separator of thousands; as ${mark} ${reads}; ${without}`);
}

/** Linear in the text: no two of their loops can read the same characters. */
const WITH_POINT = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const WITH_COMMA = /^\s*[+-]?(?:\d+(?:,\d*)?|,\d+)(?:e[+-]?\d+)?\s*$/i;
/** Groups of three digits, by a point, a comma, an apostrophe or a space, and perhaps a fraction. */
const GROUPED =
  /^\s*[+-]?\d{1,3}(?:(?:\.\d{3})+|(?:,\d{3})+|(?:['’]\d{3})+|(?:[ \u00a0\u2009\u202f]\d{3})+)(?:[.,]\d*)?\s*$/;

function finite(number: number): number {
  return Number.isFinite(number) ? number : NaN;
}
