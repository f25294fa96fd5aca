import { visible } from './visible.js';

/** How much of a name a message shows. */
const MOST = 60;

/** Writes a name for an error message without quotes: safe to print, and cut after 60 characters. */
export function showName(name: string): string {
  return visible(name, { most: MOST });
}
