import { showName } from './showName.js';
import type { Check } from './check.js';
import { isRevoked } from './isRevoked.js';
import { listNames } from './listNames.js';
import { nearestName } from './nearestName.js';
import { notCalled } from './notCalled.js';
import { refuse } from './refuse.js';
import { show } from './show.js';

/** A check for each option of a function, none left out. */
export type Checks<T> = { readonly [K in keyof T]-?: Check };

/**
 * Checks the options of the function `who`, each by its own check in the order of `checks`, and returns a copy of them:
 * each is read once, so that what is used is what was checked. A name that is none of them is a TypeError with the
 * nearest known name, so that a misspelt option is not ignored in JavaScript either. Names of `unlisted` are known and
 * not proposed.
 */
export function options<T extends object>(
  who: string,
  given: T,
  checks: Checks<T>,
  unlisted: readonly string[] = [],
): T {
  const hint = notCalled(who, given);
  if (typeof given !== 'object' || given === null || isRevoked(given) || Array.isArray(given) || hint !== '') {
    throw new TypeError(`${showName(who)}: options must be an object, got ${show(given)}${hint}`);
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(checks, name)) continue;
    const listed = Object.keys(checks).filter((known) => !unlisted.includes(known));
    throw new TypeError(`${showName(who)}: ${unknownOption(name, listed)}`);
  }
  const copy: Record<string, unknown> = {};
  for (const [name, check] of Object.entries<Check>(checks)) {
    const value = given[name as keyof T];
    if (isRevoked(value)) refuse(who, name, 'something that can be read', value, 'none');
    check(who, name, value);
    if (value !== undefined) copy[name] = value;
  }
  return copy as T;
}

function unknownOption(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? `there are ${listNames(known)}` : `did you mean ${nearest}?`;
  return `unknown option ${show(name).slice(1, -1)}; ${hint}`;
}
