import { print } from '../record/print.js';
import type { Recording } from '../record/recording.js';
import { writeFileAtomic } from './writeFileAtomic.js';
import { string } from '../check/string.js';
import { checkWholeTracks } from '../record/checkWholeTracks.js';
import { checkRecording } from '../record/checkRecording.js';

/**
 * Writes a recording as text, whole or not at all; by convention the file ends in `.marbles.txt`. What cannot be
 * printed is a RangeError or TypeError, and then nothing is written.
 */
export function writeRecording(path: string, recording: Recording): void {
  string('writeRecording', 'path', path);
  checkRecording('writeRecording', 'recording', recording);
  checkWholeTracks('writeRecording', 'recording.tracks', recording.tracks);
  writeFileAtomic(path, new TextEncoder().encode(print(recording)), 'writeRecording');
}
