import { map, type Observable } from 'rxjs';
import {
  type FilePlace,
  follow,
  type FollowEvent,
  lines,
  type LinesOptions,
  stdinLines,
  visible,
} from '../../src/index.js';

/** A line of a log, and the place after it where its source has places. */
export interface PlacedLine {
  readonly line: string;
  readonly place?: FilePlace;
  /** Whether it is the first one that was read of a file, from its beginning. */
  readonly begins?: boolean;
}

export interface LogSourceOptions {
  /** The file; standard input by default. */
  readonly file: string | undefined;
  readonly follow: boolean;
  /** Whether places are needed; without following, a file is then read to its end. */
  readonly places: boolean;
  readonly place?: FilePlace | undefined;
  readonly reading: LinesOptions;
  readonly say: (message: string) => void;
  /** Called when what comes next is not what a run before has read. */
  readonly isNew: () => void;
}

/** Reads the lines of a log: of a file, to its end or as it grows, or of standard input. */
export function logSource({
  file,
  follow: stays,
  places,
  place,
  reading,
  say,
  isNew,
}: LogSourceOptions): Observable<PlacedLine> {
  if (file === undefined) return stdinLines(reading).pipe(map((line) => ({ line })));
  if (!stays && !places) return lines(file, reading).pipe(map((line) => ({ line })));
  let begins = false;
  const onEvent = (event: FollowEvent): void => {
    begins = event.kind !== 'waiting';
    if (event.kind === 'lost' || event.kind === 'truncated') isNew();
    say(eventText(event));
  };
  return follow(file, { ...reading, ...(place && { place }), untilEnd: !stays, onEvent }).pipe(
    map((line) => {
      const first = begins;
      begins = false;
      return first ? { ...line, begins: true } : line;
    }),
  );
}

function eventText({ kind, path }: FollowEvent): string {
  const name = visible(path);
  return {
    waiting: `${name}: there is no such file yet; waiting for it`,
    rotated: `${name}: the file before has been rotated, reading this one`,
    truncated: `${name}: it was emptied or replaced, reading it from its beginning`,
    lost: `${name}: the file in which the run before ended is gone; what it had left there is not read, and this one is read from its beginning`, // prettier-ignore
  }[kind];
}
