import { isDigit } from './isDigit.js';
import type { StrangePart } from './lineScore.js';
import type { LogLine } from './logRecord.js';
import type { NewWord } from './wordCounts.js';

const MOST_READ = 8192; // characters from a place on: values are of the first 4096 of a message, which JSON may write as two

/** The parts of a line that never came before, words and values, in order and without overlaps; each has so many bits. */
export function strangeParts(
  { line, message }: LogLine,
  words: readonly NewWord[],
  values: readonly string[],
  bits: number,
): StrangePart[] {
  if (words.length === 0 && values.length === 0) return [];
  const spans = words.map(({ text, at }) => ({ at, end: at + text.length }));
  const begin = Math.max(0, line.lastIndexOf(message)); // what is before it may have the same digits
  for (const value of values) {
    let at = placeOf(value, line, begin);
    if (at < 0) at = placeOf(value, line, 0);
    if (at >= 0) spans.push({ at, end: at + value.length });
  }
  spans.sort((a, b) => a.at - b.at || b.end - a.end);
  const merged: { at: number; end: number; count: number }[] = [];
  for (const { at, end } of spans) {
    const last = merged.at(-1);
    if (last && at <= last.end + 1) {
      if (end > last.end) [last.end, last.count] = [end, last.count + 1];
    } else merged.push({ at, end, count: 1 });
  }
  let unit = 0;
  let point = 0;
  const pointAt = (target: number): number => {
    for (; unit < target; point++) unit += line.codePointAt(unit)! > 0xffff ? 2 : 1;
    return point;
  };
  return merged.map(({ at, end, count }) => {
    const from = pointAt(at);
    return { text: line.slice(at, end), from, to: pointAt(end), bits: bits * count };
  });
}

/** Where a value first is in the characters from a place on, not as a part of a longer word or number; −1 for none. */
function placeOf(value: string, whole: string, from: number): number {
  if (value === '') return -1;
  const line = whole.slice(0, from + MOST_READ);
  for (let at = line.indexOf(value, from); at >= 0; at = line.indexOf(value, at + 1)) {
    const end = at + value.length;
    if (!goOn(line.charCodeAt(at - 1), line.charCodeAt(at))) {
      if (!goOn(line.charCodeAt(end - 1), line.charCodeAt(end))) return at;
    }
  }
  return -1;
}

/** Whether two characters that follow each other are of one word or of one number. */
function goOn(one: number, next: number): boolean {
  return (isDigit(one) && isDigit(next)) || (isLetter(one) && isLetter(next));
}

function isLetter(code: number): boolean {
  const lower = code | 32;
  return (lower >= 97 && lower <= 122) || code === 95;
}
