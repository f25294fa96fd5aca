import { refuse } from '../check/refuse.js';
import type { Bookmark } from './bookmark.js';

/** Accepts what `bookmark()` makes. */
export function checkBookmark(who: string, option: string, value: unknown): asserts value is Bookmark {
  const { keep, place } = (value ?? {}) as Partial<Bookmark>;
  if (typeof keep === 'function' && typeof place === 'function') return;
  refuse(who, option, 'what bookmark() makes', value, 'none');
}
