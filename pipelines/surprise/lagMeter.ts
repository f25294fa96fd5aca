import type { FilePlace } from '../../src/index.js';
import { statOf } from './statOf.js';

/** How far a reader is behind the writer of a file. */
export interface LagMeter {
  /** Looks at the file; to be called about once per second. */
  look(place: FilePlace | undefined): void;
  /** Bytes written since the first look and not read, at the last look; NaN while nothing is read. */
  readonly bytes: number;
  /** Seconds since the byte that is read next was written, as far as the looks tell. */
  readonly seconds: number;
  /**
   * Whether it has ever read all that was there at the first look, and got within a second of the end: before that it
   * catches up with what was there, and has not fallen behind.
   */
  readonly caughtUp: boolean;
}

const MOST_LOOKS = 3600;
const CLOSE = 1; // seconds from the end
const MOST_FILES = 100;

/** Looks at one file, the earliest first. */
type Looks = { readonly time: number; readonly size: number }[];

/** Measures the lag behind the file of a path, by its size at each look; over rotations too. */
export function lagMeter(path: string, clock: () => number = () => performance.now()): LagMeter {
  const files = new Map<string, Looks>(); // by inode, the earliest first
  let bytes = NaN;
  let seconds = 0;
  let caughtUp = false;
  let begun: number | undefined; // time of the first look that found the file

  function add(time: number): void {
    const found = statOf(path);
    if (!found) return;
    const inode = String(found.ino);
    const looks = files.get(inode) ?? [];
    files.set(inode, looks);
    looks.push({ time, size: Number(found.size) });
    begun ??= time;
    if (looks.length > MOST_LOOKS) looks.splice(1, 1); // the first one is the age of all after it
  }
  /** Forgets what has been read: files before the one that is read, and looks that saw no more than that. */
  function forget({ inode, offset }: FilePlace): void {
    if (files.has(inode)) {
      for (const before of files.keys()) {
        if (before === inode) break;
        files.delete(before);
      }
      const looks = files.get(inode)!;
      while (looks.length > 1 && looks[0]!.size <= offset) looks.shift();
    }
    while (files.size > MOST_FILES) files.delete(files.keys().next().value!);
  }
  return {
    look(place) {
      const time = clock();
      add(time);
      if (!place) return;
      forget(place);
      bytes = 0;
      let since = time;
      for (const [inode, looks] of [...files].toReversed()) {
        const left = looks.at(-1)!.size - (inode === place.inode ? place.offset : 0);
        if (left <= 0) continue;
        bytes += left;
        since = looks[0]!.time;
      }
      seconds = (time - since) / 1000;
      const isFirst = since === begun; // what was there before
      caughtUp ||= bytes === 0 || (!isFirst && seconds <= CLOSE);
    },
    get bytes() {
      return bytes;
    },
    get seconds() {
      return seconds;
    },
    get caughtUp() {
      return caughtUp;
    },
  };
}
