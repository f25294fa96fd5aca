import { show } from '../check/show.js';

/**
 * Writes a text of a file's metadata as JSON: what `metadataText` reads. A TypeError names what would not come back as it is: a
 * number that is not finite, which JSON would write as null, a function or symbol, which it would leave out, and an object
 * that is neither plain nor a list, such as a Date or a Map.
 */
export function jsonText(key: string, value: unknown): string {
  const text = JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name, given: unknown) {
    const member = this[name]; // before its `toJSON`
    if (!isLost(member)) return given;
    throw new TypeError(`${key} must be JSON, got ${show(member)}${name === '' ? '' : ` as ${show(name)}`}`);
  }) as string | undefined;
  if (text === undefined) throw new TypeError(`${key} must be JSON, got ${show(value)}`);
  return text;
}

function isLost(member: unknown): boolean {
  if (typeof member === 'number') return !Number.isFinite(member);
  if (typeof member !== 'object' || member === null) return typeof member === 'function' || typeof member === 'symbol';
  const above = Object.getPrototypeOf(member) as object | null;
  return !(Array.isArray(member) || above === null || Object.getPrototypeOf(above) === null);
}
