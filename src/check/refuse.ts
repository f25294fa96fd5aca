import { showName } from './showName.js';
import { notCalled } from './notCalled.js';
import { show } from './show.js';

/** Throws the one message of a bad argument: a TypeError where the value is of another type, else a RangeError. */
export function refuse(who: string, option: string, expected: string, value: unknown, type?: string): never {
  const message = `${showName(who)}: ${showName(option)} must be ${expected}, got ${show(value)}${notCalled(who, value)}`;
  throw type === undefined || typeof value === type ? new RangeError(message) : new TypeError(message);
}
