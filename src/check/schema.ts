import { show } from './show.js';
import { showName } from './showName.js';

/** Checks a value that came from JSON and returns a fresh one of type T; a TypeError says which part is of another type. */
export type Schema<T> = (value: unknown, where: string) => T;

/** Any JSON, unchecked. */
export const anyJson: Schema<unknown> = (value) => value;

export const text: Schema<string> = (value, where) =>
  typeof value === 'string' ? value : unexpected(where, 'a text', value);

export const number: Schema<number> = (value, where) =>
  typeof value === 'number' && Number.isFinite(value) ? value : unexpected(where, 'a finite number', value);

/** An integer from 0 up. */
export const count: Schema<number> = (value, where) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : unexpected(where, 'an integer from 0 up', value);

export const flag: Schema<boolean> = (value, where) =>
  typeof value === 'boolean' ? value : unexpected(where, 'true or false', value);

/** One of a few texts. */
export function choice<const T extends string>(...choices: readonly T[]): Schema<T> {
  return (value, where) => choices.find((choice) => choice === value) ?? unexpected(where, choices.join(' or '), value);
}

/** Null besides what `schema` accepts. */
export function orNull<T>(schema: Schema<T>): Schema<T | null> {
  return (value, where) => (value === null ? null : schema(value, where));
}

/** A member that may be absent. */
export function orAbsent<T>(schema: Schema<T>): Schema<T | undefined> {
  return (value, where) => (value === undefined ? undefined : schema(value, where));
}

export function list<T>(schema: Schema<T>): Schema<T[]> {
  return (value, where) =>
    Array.isArray(value)
      ? value.map((item: unknown, i) => schema(item, `${where}[${i}]`))
      : unexpected(where, 'a list', value);
}

/** An object with any members of one type. */
export function record<T>(schema: Schema<T>): Schema<Record<string, T>> {
  return (value, where) =>
    Object.fromEntries(
      members(value, where).map(([name, member]) => [name, schema(member, `${where}.${showName(name)}`)]),
    );
}

/** An object with these members and no others. */
export function object<T extends object>(schemas: { readonly [K in keyof T]: Schema<T[K]> }): Schema<T> {
  return (value, where) => {
    const given = members(value, where);
    const unknown = given.find(([name]) => !Object.hasOwn(schemas, name));
    if (unknown) throw new TypeError(`${where} has an unknown member ${show(unknown[0])}`);
    const found = Object.fromEntries(given);
    const checked = Object.entries<Schema<unknown>>(schemas)
      .map(([name, schema]) => [name, schema(found[name], `${where}.${name}`)] as const)
      .filter(([, member]) => member !== undefined);
    return Object.fromEntries(checked) as T;
  };
}

function members(value: unknown, where: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) unexpected(where, 'an object', value);
  return Object.entries(value);
}

function unexpected(where: string, expected: string, value: unknown): never {
  const got = value === undefined ? 'nothing' : show(value);
  throw new TypeError(`${where} must be ${expected}, got ${got}`);
}
