import { isRevoked } from './isRevoked.js';
import { refuse } from './refuse.js';

/** Accepts objects that are not lists: members by name. */
export function checkRecord(who: string, option: string, value: unknown): asserts value is object {
  if (typeof value === 'object' && value !== null && !isRevoked(value) && !Array.isArray(value)) return;
  refuse(who, option, 'an object', value, 'none');
}
