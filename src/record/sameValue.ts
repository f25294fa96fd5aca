/**
 * Whether two values are the same by content: numbers by `===` (`NaN` equals itself), objects of the same class by their
 * fields, arrays, maps and sets by their items, dates and patterns by what they say.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  return same(a, b, new Map());
}

/** `seen` are the objects that are being compared, so that a cycle ends. */
function same(a: unknown, b: unknown, seen: Map<object, object>): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  if (a instanceof Date || a instanceof RegExp) return textOf(a) === textOf(b as typeof a);
  if (a instanceof ArrayBuffer) return sameItems([...new Uint8Array(a)], [...new Uint8Array(b as ArrayBuffer)], seen);
  if (a instanceof DataView) return same(a.buffer, (b as DataView).buffer, seen);
  if (a instanceof Map || a instanceof Set) return sameItems([...a], [...(b as Map<unknown, unknown>)], seen);
  const [ofA, ofB] = [Object.entries(a), Object.entries(b)];
  return ofA.length === ofB.length && ofA.every(([key, value]) => key in b && same(value, Reflect.get(b, key), seen));
}

function textOf(value: Date | RegExp): string {
  return value instanceof Date ? `${value.getTime()}` : value.toString();
}

function sameItems(a: readonly unknown[], b: readonly unknown[], seen: Map<object, object>): boolean {
  return a.length === b.length && a.every((item, i) => same(item, b[i], seen));
}
