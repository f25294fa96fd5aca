import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Finds what runs that were killed have left of their recordings, which would have had the name `record`. */
export function killedRuns(record: string): string[] {
  const folder = dirname(record);
  const beginning = `${basename(record)}.tmp-`;
  return readdirSync(folder)
    .filter((name) => {
      const [, pid] = /^(\d+)-\d+$/.exec(name.startsWith(beginning) ? name.slice(beginning.length) : '') ?? [];
      return pid !== undefined && !isAlive(Number(pid)) && statSync(join(folder, name)).size > 0;
    })
    .map((name) => join(folder, name));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it is another's
  }
}
