import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { UsageError } from '../cli/command.js';

/** Throws a UsageError where a file exists and is not a page of the studio, before anything is trained. */
export function checkOverwritePage(path: string): void {
  if (existsSync(path) && !isStudioPage(path))
    throw new UsageError(
      `${path} exists and is not a page of studio; --force overwrites it, another --export keeps it`,
    );
}

/** Characters in which the title of a page comes. */
const BEGINNING = 2048;

/** Whether a file is a page that the studio wrote, exported or for one tab. */
export function isStudioPage(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false; // a pipe would keep us waiting
  const file = openSync(path, 'r');
  try {
    const beginning = Buffer.alloc(BEGINNING);
    return beginning.toString('latin1', 0, readSync(file, beginning)).includes('<title>rxrnn studio</title>');
  } finally {
    closeSync(file);
  }
}
