import { visible } from '../../src/index.js';
import { type Entry, valueText } from '../../src/recording.js';
import { safeJson } from '../cli/safeJson.js';

/** Formats an entry as text that is safe for a terminal: a value, `the end`, or an error. */
export function entryText(entry: Entry): string {
  if (entry.kind === 'C') return 'the end';
  return visible(entry.kind === 'N' ? valueText(entry.value) : `${entry.error.name}: ${entry.error.message}`);
}

/** Formats an entry as one line of JSON: typed arrays and maps become arrays, NaN and infinities texts. */
export function entryJson({ title, step, ...entry }: Entry): string {
  const content =
    entry.kind === 'N' ? { value: entry.value } : entry.kind === 'E' ? { error: entry.error } : { end: true };
  return safeJson({ step, track: title, ...content }, (_, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
    if (value instanceof Map) return [...(value as ReadonlyMap<unknown, unknown>)];
    return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
  });
}
