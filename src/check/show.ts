import { isRevoked } from './isRevoked.js';
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
      return visible(nameOf(value));
    case 'symbol':
      return visible(shorten(value.toString()));
    case 'object':
      return value === null ? 'null' : visible(shorten(textOf(value)));
    case 'boolean':
    case 'undefined':
      return String(value);
  }
}

/** Writes an object, whatever its getters, its `toJSON` or its proxy do. */
function textOf(value: object): string {
  for (const write of [viewText, jsonText, tagText]) {
    try {
      const text: unknown = write(value);
      if (typeof text === 'string') return text;
    } catch {
      // a cycle, something that throws, or a revoked proxy
    }
  }
  return isRevoked(value) ? 'a revoked proxy' : 'an object';
}

function viewText(value: object): string | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  const { length } = value as { readonly length?: number };
  return `${value.constructor.name}${length === undefined ? '' : `(${length})`}`;
}

function jsonText(value: object): string | undefined {
  return JSON.stringify(Array.isArray(value) ? value.slice(0, MOST) : value); // of a long list no more than is shown
}

function tagText(value: object): string {
  return Object.prototype.toString.call(value);
}

function nameOf(value: object): string {
  try {
    const { name } = value as { readonly name?: unknown };
    return typeof name === 'string' && name !== '' ? `function ${shorten(name)}` : 'a function';
  } catch {
    return 'a function'; // a proxy that was revoked
  }
}

function shorten(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
