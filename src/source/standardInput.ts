import { fstatSync } from 'node:fs';
import type { Cursor } from '../flow/openCursor.js';
import { readable } from './readable.js';

/** Opens a cursor over the bytes of standard input; an Error where it is being read or was read to its end. */
export const standardInput: () => Cursor<Uint8Array> = readable(() => {
  const { stdin } = process;
  if (stdin.readableEnded || stdin.destroyed || stdin.listenerCount('readable') > 0) {
    throw new Error('stdin: can be read only once');
  }
  if (isFolder()) throw new Error('stdin: is a directory, expected a file, a pipe or a terminal');
  return stdin;
});

/** Whether standard input is a folder, which Node reads as a stream without bytes. */
function isFolder(): boolean {
  try {
    return fstatSync(0).isDirectory();
  } catch {
    return false; // closed
  }
}
