import { closeSync, openSync, readSync } from 'node:fs';
import { type Replacement, replaceFile } from '../../src/index.js';
import { checkReadable } from '../cli/checkReadable.js';
import { interrupted } from '../cli/interrupted.js';

/** What a file is turned into, piece by piece. */
export interface Coder {
  /** With `most` it gives so many bytes at most, where `pending` says that there are more. */
  add(bytes: Uint8Array, most?: number): Uint8Array;
  readonly pending?: boolean;
  end(): Uint8Array | void;
}

const PIECE = 1024; // bytes, read or written, between two turns of the event loop: some milliseconds
const NOTHING = new Uint8Array(0);

/**
 * Passes a file through a coder, and returns how many bytes went in and came out. With `out` they are written there whole
 * or not at all; an interrupt leaves nothing, and the result is undefined.
 */
export async function codeFile(
  path: string,
  coder: Coder,
  out?: string,
): Promise<{ read: number; written: number } | undefined> {
  checkReadable(path);
  const input = openSync(path, 'r');
  let stopped = false;
  const stopping = interrupted({ say: 'stopping; nothing is written' }).subscribe(() => (stopped = true));
  let output: Replacement | undefined; // once an interrupt is heard
  let [read, written] = [0, 0];
  const put = (bytes: Uint8Array): void => {
    written += bytes.length;
    output?.write(bytes);
  };
  try {
    if (out !== undefined) output = replaceFile(out);
    const piece = new Uint8Array(PIECE);
    for (let count = readSync(input, piece); count > 0; count = readSync(input, piece)) {
      read += count;
      let bytes: Uint8Array = piece.subarray(0, count);
      do {
        const given = bytes;
        put(named(path, () => coder.add(given, PIECE)));
        await new Promise(setImmediate);
        if (stopped) return undefined;
        bytes = NOTHING;
      } while (coder.pending);
    }
    put(named(path, () => coder.end()) ?? NOTHING);
    output?.commit();
    return { read, written };
  } finally {
    stopping.unsubscribe();
    closeSync(input);
    output?.discard(); // unless it has its name
  }
}

/** Does a step of the coding; what is wrong with the file is said with its name. */
function named<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}
