import { showName } from './showName.js';
import type { Check } from './check.js';
import { isRevoked } from './isRevoked.js';
import { listNames } from './listNames.js';
import { notCalled } from './notCalled.js';
import { refuse } from './refuse.js';
import { show } from './show.js';

/** A check for each option of a function, none left out. */
export type Checks<T> = { readonly [K in keyof T]-?: Check };

/**
 * Checks the options of the function `who`, each by its own check in the order of `checks`, and returns a copy of them:
 * each is read once, so that what is used is what was checked. A name that is none of them is a TypeError with the
 * nearest known name, so that a misspelt option is not ignored in JavaScript either.
 */
export function options<T extends object>(who: string, given: T, checks: Checks<T>): T {
  const hint = notCalled(who, given);
  if (typeof given !== 'object' || given === null || isRevoked(given) || Array.isArray(given) || hint !== '') {
    throw new TypeError(`${showName(who)}: options must be an object, got ${show(given)}${hint}`);
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(checks, name)) continue;
    throw new TypeError(`${showName(who)}: ${unknownOption(name, Object.keys(checks))}`);
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

/** How many known names, and how much of each, are compared with an unknown one. */
const COMPARED = 1000;
const CHARACTERS = 100;

function unknownOption(name: string, known: readonly string[]): string {
  const distances = known.slice(0, COMPARED).map((other) => distance(name.toLowerCase(), other.toLowerCase()));
  const nearest = Math.min(...distances);
  const hint =
    nearest <= Math.max(2, name.length / 3)
      ? `did you mean ${known[distances.indexOf(nearest)]}?`
      : `there are ${listNames(known)}`;
  return `unknown option ${show(name).slice(1, -1)}; ${hint}`;
}

/** Levenshtein's distance: insertions, deletions and replacements of one character from one text to the other. */
function distance(long: string, other: string): number {
  const [a, b] = [long.slice(0, CHARACTERS), other.slice(0, CHARACTERS)];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
