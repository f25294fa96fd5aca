import { existsSync } from 'node:fs';
import { checkWritable } from '../cli/checkWritable.js';
import { UsageError } from '../cli/command.js';

/** Refuses an output that exists, which may be the input itself, unless it is to be overwritten; or that cannot be written. */
export function checkOut(out: string, force: boolean): void {
  checkWritable(out);
  if (!force && existsSync(out)) throw new UsageError(`--out ${out} exists; --force overwrites it`);
}
