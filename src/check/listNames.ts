import { visible } from './visible.js';

/** How many names a message lists, and how much of each. */
const NAMES = 20;
const CHARACTERS = 60;

/**
 * Lists names for an error message: the first 20, each safe to print and cut, and how many more there are, so that a file
 * of 90,000 tensors does not make a message of megabytes. `write` writes one name, `show` in quotes for instance.
 */
export function listNames(names: Iterable<string>, write: (name: string) => string = shortly): string {
  const all = [...names];
  const shown = all.slice(0, NAMES).map((name) => write(name));
  return all.length > NAMES ? `${shown.join(', ')} and ${all.length - NAMES} more` : shown.join(', ');
}

function shortly(name: string): string {
  return visible(name, { most: CHARACTERS });
}
