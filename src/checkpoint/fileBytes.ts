import { closeSync, readSync } from 'node:fs';
import { visible } from '../check/visible.js';
import { reasonOf } from '../check/reasonOf.js';
import type { Bytes } from '../record/scanBlocks.js';
import { openRegularFile } from './openRegularFile.js';
import { string } from '../check/string.js';

/** A file that is open. */
export interface FileBytes extends Bytes {
  /** Closes the file; nothing can be read after that. */
  close(): void;
}

/** Opens a regular file for random access, as `openLog` needs it. Errors begin with the path. */
export function fileBytes(path: string): FileBytes {
  string('fileBytes', 'path', path);
  const explain = (cause: unknown): Error => new Error(`${visible(path)}: ${reasonOf(cause)}`, { cause });
  let file: number;
  let length: number;
  try {
    ({ descriptor: file, size: length } = openRegularFile(path));
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
