import { visible } from './visible.js';

/** How much of a value a message shows. */
const MOST = 60;

/**
 * Writes a value for an error message: one line, at most 60 characters of it, control characters escaped, so that
 * nothing from outside reaches a terminal raw.
 */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return visible(JSON.stringify(value.length > MOST ? `${value.slice(0, MOST)}…` : value));
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return visible(value.name === '' ? 'a function' : `function ${shorten(value.name)}`);
    case 'symbol':
      return visible(shorten(value.toString()));
    case 'object':
      return value === null ? 'null' : visible(shorten(textOf(value)));
    case 'boolean':
    case 'undefined':
      return String(value);
  }
}

function textOf(value: object): string {
  if (ArrayBuffer.isView(value)) {
    const { length } = value as { readonly length?: number };
    return `${value.constructor.name}${length === undefined ? '' : `(${length})`}`;
  }
  try {
    return JSON.stringify(value) ?? Object.prototype.toString.call(value);
  } catch {
    return Object.prototype.toString.call(value); // a cycle, or a `toJSON` that throws
  }
}

function shorten(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
