import { refuse } from '../check/refuse.js';
import { checkTracks } from './checkTracks.js';
import { isMarble, MARBLE } from './isMarble.js';
import type { Track } from './recording.js';

/** Accepts arrays of tracks, of which each marble is read; the message names the part that is something else. */
export function checkWholeTracks(who: string, option: string, value: unknown): asserts value is readonly Track[] {
  checkTracks(who, option, value);
  for (const [i, { marbles }] of value.entries()) {
    for (let j = 0; j < marbles.length; j++) {
      if (!isMarble(marbles[j])) refuse(who, `${option}[${i}].marbles[${j}]`, MARBLE, marbles[j], 'none');
    }
  }
}
