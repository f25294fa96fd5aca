import { show } from '../check/show.js';

/** Throws a RangeError unless `title` can be written on a line of its own and read back. */
export function checkTitle(who: string, title: string): void {
  if (typeof title === 'string' && title === title.trim() && /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(title)) return;
  throw new RangeError(`${who}: title must be visible text on one line without blanks at its ends, got ${show(title)}`);
}
