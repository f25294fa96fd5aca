import { show } from '../check/show.js';

/**
 * Writes a text of a file's metadata as JSON: what `metadataText` reads. A TypeError names a number that is not finite,
 * which JSON would write as null, and a function or symbol, which it would leave out.
 */
export function jsonText(key: string, value: unknown): string {
  const text = JSON.stringify(value, (name, member: unknown) => {
    const lost = typeof member === 'number' ? !Number.isFinite(member) : /^(function|symbol)$/.test(typeof member);
    if (!lost) return member;
    throw new TypeError(`${key} must be JSON, got ${show(member)}${name === '' ? '' : ` as ${show(name)}`}`);
  }) as string | undefined;
  if (text === undefined) throw new TypeError(`${key} must be JSON, got ${show(value)}`);
  return text;
}
