import { listNames } from '../check/listNames.js';
import { show } from '../check/show.js';
import type { Recording, Track } from './recording.js';
import { string } from '../check/string.js';
import { checkRecording } from './checkRecording.js';

/** Returns the track with a title; a RangeError that lists the titles where there is no such track. */
export function trackOf(recording: Recording, title: string): Track {
  checkRecording('trackOf', 'recording', recording);
  string('trackOf', 'title', title);
  return findTrack('trackOf', recording, title);
}

/** `trackOf` within the function `who`, which has checked its arguments. */
export function findTrack(who: string, { tracks }: Recording, title: string): Track {
  const found = tracks.find((track) => track.title === title);
  if (found !== undefined) return found;
  const titles = listNames(
    tracks.map(({ title }) => title),
    show,
  );
  throw new RangeError(`${who}: there is no track ${show(title)}, only ${titles === '' ? 'none' : titles}`);
}
