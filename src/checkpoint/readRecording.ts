import { readFileSync } from 'node:fs';
import { parse } from '../record/parse.js';
import type { Recording } from '../record/recording.js';
import { RecordingError } from '../record/RecordingError.js';

/**
 * The recording in a file that `writeRecording` wrote, read whole. Errors begin with the path: a RecordingError that
 * names line and column where the text is no recording, an Error where the file cannot be read.
 */
export function readRecording(path: string): Recording {
  let bytes;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${path}: ${reason}`, { cause });
  }
  const text = bytes.toString('utf8'); // a byte that is no UTF-8 becomes U+FFFD, and then the digest differs
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof RecordingError)) throw cause;
    throw new RecordingError(cause.what, cause.line, cause.column, path);
  }
}
