import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Bytes } from '../record/openLog.js';

/** A file that is open. */
export interface FileBytes extends Bytes {
  /** Closes the file; no read after it. */
  close(): void;
}

/** Opens a file for random access, as `openLog` needs it. Errors begin with the path. */
export function fileBytes(path: string): FileBytes {
  const explain = (cause: unknown): Error =>
    new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  let file: number;
  let length: number;
  try {
    file = openSync(path, 'r');
    length = fstatSync(file).size;
  } catch (error) {
    throw explain(error);
  }
  return {
    length,
    read(start, end) {
      const bytes = new Uint8Array(end - start);
      try {
        for (let filled = 0; filled < bytes.length;) {
          const more = readSync(file, bytes, filled, bytes.length - filled, start + filled);
          if (more === 0) throw new Error('the file became shorter while it was read');
          filled += more;
        }
      } catch (error) {
        throw explain(error);
      }
      return bytes;
    },
    close: () => closeSync(file),
  };
}
