import { ownText } from './ownText.js';

const MOST_TEXT = 4096; // UTF-16 units
const MOST_NUMBERS = 4096;
const MOST_ITEMS = 100;

/**
 * Copies plain data for keeping: texts to their first 4,096 characters, with … behind what was cut, lists of numbers to as
 * many, other lists to 100 items. Nothing of the copy keeps a long text in memory.
 */
export function shortened<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value === 'string') return ownText(value, MOST_TEXT) + (value.length > MOST_TEXT ? '…' : '');
  if (Array.isArray(value)) return value.slice(0, typeof value[0] === 'number' ? MOST_NUMBERS : MOST_ITEMS).map(copy);
  if (typeof value !== 'object' || value === null) return value;
  const names = Reflect.ownKeys(value); // those that JSON leaves out too
  return Object.fromEntries(names.map((name) => [name, copy((value as Record<string | symbol, unknown>)[name])]));
}
