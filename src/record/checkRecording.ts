import { checkRecord } from '../check/checkRecord.js';
import { checkTracks } from './checkTracks.js';
import type { Recording } from './recording.js';

/** Accepts recordings; the message names the part that is something else. */
export function checkRecording(who: string, option: string, value: unknown): asserts value is Recording {
  checkRecord(who, option, value);
  checkTracks(who, `${option}.tracks`, (value as Partial<Recording>).tracks);
}
