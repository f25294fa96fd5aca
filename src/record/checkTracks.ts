import { checkRecord } from '../check/checkRecord.js';
import { refuse } from '../check/refuse.js';
import { string } from '../check/string.js';
import type { Track } from './recording.js';

/** Accepts arrays of tracks, whose marbles are not read; the message names the part that is something else. */
export function checkTracks(who: string, option: string, value: unknown): asserts value is readonly Track[] {
  if (!Array.isArray(value)) refuse(who, option, 'an array of tracks', value, 'none');
  for (const [i, track] of (value as readonly unknown[]).entries()) {
    const where = `${option}[${i}]`;
    checkRecord(who, where, track);
    const { title, marbles } = track as Partial<Track>;
    string(who, `${where}.title`, title);
    if (!Array.isArray(marbles)) refuse(who, `${where}.marbles`, 'an array of marbles', marbles, 'none');
  }
}
