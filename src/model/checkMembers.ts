import { options, type Checks } from '../check/options.js';
import { anything } from '../check/anything.js';
import type { Source, Window } from '../types.js';
import { hasOnly } from './hasOnly.js';

const WINDOW: Checks<Window> = {
  steps: anything,
  lanes: anything,
  source: anything,
  inputs: anything,
  targets: anything,
  mask: anything,
  targetMask: anything,
  resets: anything,
};
const SOURCE: Checks<Source> = { steps: anything, inputs: anything, mask: anything };

/**
 * Refuses what is not a window, and members that a window does not have: a misspelt `mask` would count the padding. The
 * values are checked where they are used.
 */
export function checkMembers(who: string, window: Window): void {
  if (hasOnly(window, WINDOW) && (window.source === undefined || hasOnly(window.source, SOURCE))) return;
  options(`${who}: window`, window, WINDOW);
  options(`${who}: window.source`, window.source!, SOURCE);
}
