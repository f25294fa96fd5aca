import { isRecord } from '../check/isRecord.js';
import { areTracks } from './areTracks.js';
import type { Recording } from './recording.js';

/** Accepts recordings; the message names the part that is something else. */
export function isRecording(who: string, option: string, value: unknown): asserts value is Recording {
  isRecord(who, option, value);
  areTracks(who, `${option}.tracks`, (value as Partial<Recording>).tracks);
}
