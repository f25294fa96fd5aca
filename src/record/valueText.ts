import { describe } from './describe.js';

/** The deepest nesting of values. */
export const DEEPEST = 100;

/** The longest line of a printed recording, in UTF-16 units; a run log has no such limit. */
export const LONGEST: number = 2 ** 20;

/**
 * Writes a value as one line of text that can be read back to the same bits: JSON and also `NaN`, `Infinity`, `-0`,
 * `undefined`, typed arrays (`Int32Array [1,2]`) and maps (`Map [["h",1]]`), so that tensors, states and
 * the `state()` of a trainer can be recorded as they are.
 *
 * A TypeError for values that could not be read back unchanged: functions, symbols, bigints, sets, dates, instances of
 * classes, cycles, and values nested deeper than 100. (The payload of a NaN is not kept: JavaScript cannot see it.)
 *
 * ```ts
 * import { valueText } from 'rxrnn/recording';
 *
 * console.log(valueText({ loss: NaN, tokens: Int32Array.of(1, 2) })); // -> {"loss":NaN,"tokens":Int32Array [1,2]}
 * ```
 */
export function valueText(value: unknown): string {
  check(value, 0);
  return describe(value);
}

function check(value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'undefined':
      return;
    case 'object':
      if (value === null || isNumbers(value)) return;
      if (depth === DEEPEST) refuse(`what is nested deeper than ${DEEPEST}`);
      if (Array.isArray(value) || isMap(value)) {
        for (const item of value) check(item, depth + 1);
        return;
      }
      if (!isPlain(value)) refuse(`an instance of ${value.constructor?.name ?? 'a class'}`);
      for (const field of Object.values(value)) check(field, depth + 1);
      return;
    case 'bigint':
    case 'symbol':
    case 'function':
      refuse(`a ${typeof value}`);
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isMap(value: object): value is ReadonlyMap<unknown, unknown> {
  return Object.getPrototypeOf(value) === Map.prototype;
}

function isNumbers(value: object): boolean {
  return ArrayBuffer.isView(value) && Object.hasOwn(NUMBERS, value.constructor.name);
}

function refuse(what: string): never {
  throw new TypeError(`valueText: a value to record must be plain data, got ${what}; map it first`);
}

/** The typed arrays that have a text, by name. */
export const NUMBERS: Readonly<Record<string, { from(numbers: readonly number[]): ArrayLike<number> }>> = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
};
