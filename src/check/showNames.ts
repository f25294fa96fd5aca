import { show } from './show.js';

/** How many names a message lists. */
const MOST = 10;

/**
 * Writes names for an error message: without quotes, each as safe and short as `show` makes it, at most ten, the others
 * as a count, so that a file of 90,000 names does not make one message.
 */
export function showNames(...names: readonly string[]): string {
  const shown = names.slice(0, MOST).map((name) => show(name).slice(1, -1));
  return names.length > MOST ? `${shown.join(', ')} and ${names.length - MOST} more` : shown.join(', ');
}
