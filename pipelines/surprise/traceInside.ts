import { traceReader } from './traceReader.js';

const MOST_LINES = 200; // of a trace inside a line of JSON
const MOST_DEPTH = 4;

/** The lines that say most of the traces in the texts of a line of JSON. */
export function traceInside(line: string): string[] {
  if (!line.startsWith('{')) return [];
  try {
    const reader = traceReader();
    return textsOf(JSON.parse(line), MOST_DEPTH)
      .flatMap((text) => text.split('\n', MOST_LINES))
      .flatMap((row) => reader.add(row));
  } catch {
    return []; // a line that was cut, say
  }
}

/** Texts of several lines in a value, each once. */
function textsOf(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return value.includes('\n') ? [value] : [];
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return [...new Set(Object.values(value).flatMap((inner) => textsOf(inner, depth - 1)))];
}
