import { refuse } from './refuse.js';
import { isRevoked } from './isRevoked.js';

/** Accepts objects with all of these functions. `what` says whose they are, such as `the tape of layer gain`. */
export function methods(who: string, what: string, value: unknown, ...names: readonly string[]): void {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const missing =
    isObject && !isRevoked(value)
      ? names.find((name) => typeof (value as Readonly<Record<string, unknown>>)[name] !== 'function')
      : names[0];
  if (missing === undefined) return;
  const list = names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
  refuse(who, what, `an object with the function${names.length === 1 ? '' : 's'} ${list}`, value, 'none');
}
