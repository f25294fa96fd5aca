import { randomInt } from 'node:crypto';
import { hostNumber } from './hostNumber.js';

/**
 * The beginning of a temporary name for a file, before `PID-NUMBER`: a part of its name, which may be as long as names can
 * be. Half a surrogate pair would be another character in the folder.
 */
export function temporaryName(name: string, hidden: boolean): string {
  return `${hidden ? '.' : ''}${name.slice(0, 48).replace(/[\uD800-\uDBFF]$/, '')}.tmp-`;
}

/** A temporary name of this process: the number says on which machine, and has 47 random bits, so it cannot be guessed. */
export function newTemporaryName(beginning: string): string {
  return `${beginning}${process.pid}-${hostNumber()}${String(randomInt(2 ** 47)).padStart(15, '0')}`;
}
