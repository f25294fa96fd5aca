import { closeSync, readSync } from 'node:fs';
import { visible } from '../check/visible.js';
import { reasonOf } from '../check/reasonOf.js';
import { parse } from '../record/parse.js';
import type { Recording } from '../record/recording.js';
import { RecordingError } from '../record/RecordingError.js';
import { openRegularFile } from './openRegularFile.js';
import { string } from '../check/string.js';

/**
 * Reads the recording in a file that `writeRecording` wrote. Errors begin with the path: a RecordingError that names line
 * and column where the text is not a recording, an Error where it is not a regular file that can be read. A file of another kind, and one
 * with a line that does not end, is read only as far as it takes to refuse it.
 */
export function readRecording(path: string): Recording {
  string('readRecording', 'path', path);
  let text;
  try {
    text = beginning(path);
  } catch (cause) {
    throw new Error(`${visible(path)}: ${reasonOf(cause)}`, { cause });
  }
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof RecordingError)) throw cause;
    throw new RecordingError(cause.what, cause.line, cause.column, path);
  }
}

/** Bytes of the longest line that `parse` takes, and of what is read at once. */
const [LONGEST, CHUNK] = [3 * 2 ** 20, 2 ** 16];
const HEAD = '% rxrnn recording ';

/** Reads the whole text of a recording, or of anything else as much as `parse` needs to refuse it. */
function beginning(path: string): string {
  const { descriptor: file } = openRegularFile(path);
  try {
    const chunks: Buffer[] = [];
    let line = 0; // bytes since the last line ended
    for (;;) {
      const chunk = nextChunk(file);
      const last = chunk.lastIndexOf(10);
      line = last < 0 ? line + chunk.length : chunk.length - last - 1;
      chunks.push(chunk);
      const ours = chunks[0]!.toString('latin1', 0, HEAD.length) === HEAD;
      // A byte that is not UTF-8 becomes U+FFFD, and then the digest differs.
      if (chunk.length < CHUNK || line > LONGEST || !ours) return Buffer.concat(chunks).toString('utf8');
    }
  } finally {
    closeSync(file);
  }
}

/** Reads the next chunk, full except at the end. */
function nextChunk(file: number): Buffer {
  const chunk = Buffer.allocUnsafe(CHUNK);
  let size = 0;
  for (let count = -1; count !== 0 && size < CHUNK; size += count) {
    count = readSync(file, chunk, size, CHUNK - size, null);
  }
  return chunk.subarray(0, size);
}
