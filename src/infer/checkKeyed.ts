import { refuse } from '../check/refuse.js';

/** Refuses an item of a keyed stream that is not an object, or has no `key`; `part`: what else it has. */
export function checkKeyed(who: string, item: unknown, part: string): void {
  if (typeof item !== 'object' || item === null) refuse(who, 'what comes in', `a key with a ${part}`, item, 'none');
  if (!('key' in item)) refuse(who, 'what comes in', `{ key, ${part} }`, item, 'none');
}
