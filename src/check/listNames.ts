import { showName } from './showName.js';

/** How many names a message lists. */
const NAMES = 20;

/**
 * Lists names for an error message: the first 20 and how many more there are, so that a file of 90,000 tensors does not
 * make a message of megabytes. `write` writes one name; `show` does so in quotes.
 */
export function listNames(names: Iterable<string>, write: (name: string) => string = showName): string {
  const all = [...names];
  const shown = all.slice(0, NAMES).map((name) => write(name));
  return all.length > NAMES ? `${shown.join(', ')} and ${all.length - NAMES} more` : shown.join(', ');
}
