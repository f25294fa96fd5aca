import { print } from '../record/print.js';
import type { Recording } from '../record/recording.js';
import { writeFileAtomic } from './writeFileAtomic.js';

/**
 * Writes a recording as text, whole or not at all; by convention the file ends in `.marbles.txt`. What cannot be
 * printed is a RangeError or TypeError, and then nothing is written.
 */
export function writeRecording(path: string, recording: Recording): void {
  writeFileAtomic(path, new TextEncoder().encode(print(recording)));
}
