import type { Check } from './check.js';
import { listNames } from './listNames.js';
import { show } from './show.js';

/** A check for each option of a function, none left out. */
export type Checks<T> = { readonly [K in keyof T]-?: Check };

/**
 * Checks the options of the function `who`: each by its own check, in the order of `checks`. A name that is none of
 * them is a TypeError with the nearest known name, so that a misspelt option is not ignored in JavaScript either.
 */
export function options<T extends object>(who: string, given: T, checks: Checks<T>): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(`${who}: options must be an object, got ${show(given)}`);
  }
  const known = Object.keys(checks);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(checks, name)) throw new TypeError(`${who}: ${unknownOption(name, known)}`);
  }
  for (const [name, check] of Object.entries<Check>(checks)) check(who, name, given[name as keyof T]);
}

function unknownOption(name: string, known: readonly string[]): string {
  const distances = known.map((other) => distance(name.toLowerCase(), other.toLowerCase()));
  const nearest = Math.min(...distances);
  const hint =
    nearest <= Math.max(2, name.length / 3)
      ? `did you mean ${known[distances.indexOf(nearest)]}?`
      : `there are ${listNames(known)}`;
  return `unknown option ${show(name).slice(1, -1)}; ${hint}`;
}

/** Levenshtein's distance: insertions, deletions and replacements of one character from one text to the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= Math.min(a.length, 100); i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
