import { refuse } from '../check/refuse.js';
import type { FilePlace } from './openFollowed.js';

/** Accepts a place that `follow` gave. */
export function checkFilePlace(who: string, option: string, value: unknown): asserts value is FilePlace {
  const { inode, offset, head, modified } = Object(value) as Partial<Record<keyof FilePlace, unknown>>;
  const whole = [offset, modified].every((number) => Number.isSafeInteger(number) && (number as number) >= 0);
  if (whole && typeof inode === 'string' && /^\d+$/.test(inode) && typeof head === 'string' && HEAD.test(head)) return;
  refuse(who, option, 'a place that follow gave with a line', value, 'object');
}

const HEAD = /^\d{1,4}:[\da-f]{16}$/;
