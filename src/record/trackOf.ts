import type { Recording, Track } from './recording.js';

/** The track of a title; a RangeError that says which titles there are, where it is none of them. */
export function trackOf({ tracks }: Recording, title: string): Track {
  const found = tracks.find((track) => track.title === title);
  if (found !== undefined) return found;
  const titles = tracks.map(({ title }) => JSON.stringify(title)).join(', ');
  throw new RangeError(
    `recording: there is no track ${JSON.stringify(title)}, only ${titles === '' ? 'none' : titles}`,
  );
}
