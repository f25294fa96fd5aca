import { defer, type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { Credit } from '../flow/credit.js';
import type { Pipeline } from './messages.js';
import { shortText } from './shortText.js';

/** The lanes of a pipeline: what passes each operator, in the order of events. */
export interface MarbleLanes {
  /** Passes a stream on, as a lane; lanes of one title are one. */
  lane<T>(title: string): MonoTypeOperatorFunction<T>;
  /** Shows the items that a credit holds. */
  credit(title: string, credit: Pick<Credit, 'held' | 'peak'>): void;
  /** Begins to note the next marbles, unless it does already. */
  capture(): void;
  /** What was noted last, and the counts as they are now. */
  pipeline(waiting: string): Pipeline;
}

/** Marbles of one capture; neighbours on the same lane are one of them. */
const MOST_MARBLES = 48;
const MOST_LANES = 32;

interface Track {
  readonly title: string;
  count: number;
  ended: boolean;
  marbles: Marble[];
}

interface Marble {
  at: number;
  text: string;
  times: number;
}

/** Makes the lanes of one pipeline. Outside of a capture a lane counts, and does nothing else. */
export function marbleLanes(): MarbleLanes {
  const tracks: Track[] = [];
  const credits: [title: string, credit: Pick<Credit, 'held' | 'peak'>][] = [];
  let captured: Map<Track, Marble[]> | undefined;
  let last: Track | undefined;
  let order = 0;
  let reached = 1; // lanes that the latest capture has marbles of

  function note(track: Track, value: unknown): void {
    const marbles = captured!.get(track) ?? [];
    captured!.set(track, marbles);
    if (last === track) {
      marbles.at(-1)!.times += 1;
      return;
    }
    if (order === MOST_MARBLES) return publish();
    last = track;
    marbles.push({ at: order++, text: shortText(value), times: 1 });
  }
  function publish(): void {
    if (captured === undefined) return;
    for (const track of tracks) track.marbles = captured.get(track) ?? [];
    reached = captured.size;
    captured = undefined;
    last = undefined;
  }
  return {
    lane<T>(title: string): MonoTypeOperatorFunction<T> {
      const known = tracks.find((track) => track.title === title);
      if (!known && tracks.length === MOST_LANES) return (source) => source;
      const track: Track = known ?? { title, count: 0, ended: false, marbles: [] };
      if (!known) tracks.push(track);
      return (source) =>
        defer(() => {
          track.ended = false;
          return source.pipe(
            tap({
              next(value) {
                track.count += 1;
                if (captured !== undefined) note(track, value);
              },
              complete: () => (track.ended = true),
              error: () => (track.ended = true),
            }),
          );
        });
    },
    credit(title, credit) {
      if (credits.length < MOST_LANES) credits.push([title, credit]);
    },
    capture() {
      if (captured !== undefined) return;
      captured = new Map();
      order = 0;
    },
    pipeline(waiting) {
      if (captured && captured.size >= reached) publish(); // all is there, though not every place: the run has paused, or is slow
      return {
        lanes: tracks.map(({ title, count, ended, marbles }) => ({
          title,
          count,
          ended,
          marbles: marbles.map(({ at, text, times }) => ({ at, text: times > 1 ? `${times}, first ${text}` : text })),
        })),
        credits: credits.map(([title, { held, peak }]) => ({ title, held, peak })),
        waiting,
      };
    },
  };
}
