import type { StrangePart } from './lineScore.js';
import type { NewWord } from './wordCounts.js';

/** The parts of a line that never came before, words and values, in order and without overlaps; each has so many bits. */
export function strangeParts(
  line: string,
  words: readonly NewWord[],
  values: readonly string[],
  bits: number,
): StrangePart[] {
  if (words.length === 0 && values.length === 0) return [];
  const spans = words.map(({ text, at }) => ({ at, end: at + text.length }));
  for (const value of values) {
    const at = value === '' ? -1 : line.indexOf(value);
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
