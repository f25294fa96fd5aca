import { listNames } from '../check/listNames.js';
import { show } from '../check/show.js';
import type { Recording, Track } from './recording.js';

/** Returns the track with a title; a RangeError that lists the titles where there is no such track. */
export function trackOf({ tracks }: Recording, title: string): Track {
  const found = tracks.find((track) => track.title === title);
  if (found !== undefined) return found;
  const titles = listNames(
    tracks.map(({ title }) => title),
    show,
  );
  throw new RangeError(`recording: there is no track ${show(title)}, only ${titles === '' ? 'none' : titles}`);
}
