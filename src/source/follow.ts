import { stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers';
import type { Observable } from 'rxjs';
import { anything } from '../check/anything.js';
import { callable } from '../check/callable.js';
import { flag } from '../check/flag.js';
import { options } from '../check/options.js';
import { optional } from '../check/optional.js';
import { positive } from '../check/positive.js';
import { checkDemand } from '../flow/checkDemand.js';
import type { Cursor, Step } from '../flow/openCursor.js';
import { pull } from '../flow/pull.js';
import { checkFilePlace } from './checkFilePlace.js';
import { file } from './file.js';
import { fileError } from './fileError.js';
import { findPlace, firstHolding } from './findPlace.js';
import { lateLines } from './lateLines.js';
import { type LineParser, lineParser, type LinesOptions } from './lineParser.js';
import { type FilePlace, type FollowedFile, headLength, openFollowed } from './openFollowed.js';
import { type RotatedFile, rotatedFiles } from './rotatedFiles.js';

/** A line of a file that is followed. */
export interface FollowedLine {
  readonly line: string;
  /** The place after the line: given as `place`, another reader continues with the next line. */
  readonly place: FilePlace;
}

/** How a file is followed. */
export interface FollowOptions extends LinesOptions {
  /** Where to go on; the beginning of the file by default. */
  readonly place?: FilePlace | undefined;
  /** Completes at the end of the file that has the name then; by default it waits for more, and never completes. */
  readonly untilEnd?: boolean | undefined;
  /** Milliseconds between two looks at a file to which nothing is written; 250 by default. A busy one is looked at sooner. */
  readonly poll?: number | undefined;
  /** Called when something happens to the file, to report it; by default not called. */
  readonly onEvent?: ((event: FollowEvent) => void) | undefined;
}

/** Something that happened to a file that is followed. */
export interface FollowEvent {
  /**
   * `waiting`: no file has this name yet. `rotated`: the next file is read, from its beginning. `truncated`: the file
   * was emptied, or replaced in place, and is read from its beginning. `lost`: the place to continue from is in no file any more,
   * so that what was written after it is not read.
   */
  readonly kind: 'waiting' | 'rotated' | 'truncated' | 'lost';
  /** The file that is read next. */
  readonly path: string;
}

/**
 * Emits the lines of a file as they are written, and goes on by its name when the file is rotated, each line with the
 * place after it.
 *
 * ```
 * written to app.log     -a↵--b↵--(rename to app.log.1)--c↵--…
 * follow('app.log')      --a---b--------------------------c--…
 * ```
 *
 * Lines and options are those of `lines`; a line that has not ended waits for its ending, until the file is rotated. Rotation
 * by renaming loses nothing: the file before is read to its end, then those between, found by their names (`app.log.1`,
 * `app.log-20260102`, `app-2026-01-02.log`) and times, and then the new one, as soon as something is written to it. What is
 * added to the file before after that comes as well, with the place in the new one, until nothing has been added for ten
 * minutes; a reader that continues from a place does not read it. Rotation by copying and truncating (`copytruncate`) reads the
 * copy to its end first; what the writer adds between the copy and the truncation is lost to every reader.
 *
 * The file is read on demand and is looked at on a timer, 4 times per second while nothing comes, so that it works on network
 * and container file systems. A `place` is found again by the file's number and beginning, after renaming and copying too;
 * one of an offset of 0, which names no beginning, as the oldest file that was written to since it was made.
 * Errors name the file; a missing one is waited for, unless `untilEnd` is given.
 *
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { lastValueFrom, take, toArray } from 'rxjs';
 * import { follow, type FilePlace } from 'rxrnn';
 *
 * writeFileSync('app.log', 'one\ntwo\nthree\n');
 * const read = (place?: FilePlace) => lastValueFrom(follow('app.log', { place, untilEnd: true }).pipe(take(2), toArray()));
 * const first = await read();
 * console.log(first.map(({ line }) => line)); // -> [ 'one', 'two' ]
 * console.log((await read(first.at(-1)?.place)).map(({ line }) => line)); // -> [ 'three' ]
 * ```
 */
export function follow(path: string | URL, given: FollowOptions = {}): Observable<FollowedLine> {
  const { place, untilEnd = false, poll = 250, onEvent, ...reading } = checked(given);
  const source = file('follow', path);
  const parse = lineParser('follow', source.name, reading);
  return pull(() => {
    return cursor(source.path, source.name, parse, { place, untilEnd, poll, onEvent });
  }, given.demand);
}

function checked(given: FollowOptions): FollowOptions {
  return options('follow', given, {
    place: optional(checkFilePlace),
    untilEnd: optional(flag),
    poll: optional(positive),
    onEvent: optional(callable),
    demand: optional(checkDemand),
    maxLineBytes: anything, // these are checked by the parser
    onLong: anything,
    longLine: anything,
    invalid: anything,
    onInvalid: anything,
  });
}

const END = { value: undefined, done: true } as const;

/** Milliseconds until the first look again at a file that was written to just now. */
const SOON = 10;

/** How often a place is looked for: a listing while files are renamed may leave one out. */
const TRIES = 3;

type Followed = Pick<FollowOptions, 'place' | 'onEvent'> & { readonly untilEnd: boolean; readonly poll: number };

function cursor(
  path: string,
  name: string,
  parse: (start?: number) => LineParser,
  { place, untilEnd, poll, onEvent }: Followed,
): Cursor<FollowedLine> {
  let current: FollowedFile | undefined;
  let parser = parse();
  const late = lateLines(parse);
  let next: RotatedFile | undefined; // is read once the current file has no more lines
  let seen: string | undefined; // the file that follows, as seen before: the current one is read once more, and then left
  let over = false;
  let closed = false;
  let delay = SOON;
  let stopWaiting: (() => void) | undefined;
  let toldWaiting = false;
  let tries = 0; // to find the place

  function take(): Step<FollowedLine> | undefined {
    const line = parser.take() ?? late.take();
    if (line === undefined) return undefined;
    return { value: { line, place: current!.place(parser.place()) }, done: false };
  }
  async function later(): Promise<Step<FollowedLine>> {
    try {
      for (;;) {
        if (over || closed) break;
        await advance();
        const step = take();
        if (step) return step;
      }
      late.close();
      await current?.close();
      return END;
    } catch (error) {
      leave();
      if (closed) return END;
      throw error instanceof RangeError ? error : fileError(name, error); // the parser's names the file
    }
  }
  function leave(): void {
    late.close();
    void current?.close().catch(() => undefined);
  }
  /** Reads on, turns to the next file, or waits. */
  async function advance(): Promise<void> {
    if (!current) return begin();
    if (next) return turn(next);
    const chunk = await current.read();
    if (chunk === 'replaced') return restart(current);
    if (chunk !== 'end') {
      seen = undefined;
      delay = SOON;
      return parser.push(chunk);
    }
    const following = await successor(current);
    if (following && following.inode === seen) {
      next = following;
      return parser.push(undefined); // its last line may have no ending
    }
    seen = following?.inode; // a listing while files are renamed may leave one out: two must agree
    if (following && (untilEnd || following.path !== path)) return; // nobody writes to the current one any more
    if (!following && untilEnd) {
      over = true;
      return parser.push(undefined);
    }
    if (await late.read()) delay = SOON;
    else await wait();
  }
  async function begin(): Promise<void> {
    try {
      const found = place && (await findPlace(path, place));
      if (found) await resume(found, place);
      else if (place && ++tries < TRIES) await wait();
      else {
        const since = place ? await oldestSince(BigInt(place.modified + 1) * 1_000_000n) : undefined;
        const from = since?.path ?? path;
        hold(await openFollowed(from));
        if (place && headLength(place.head) > 0) onEvent?.({ kind: 'lost', path: from });
      }
    } catch (error) {
      if (untilEnd || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      if (!toldWaiting) onEvent?.({ kind: 'waiting', path });
      toldWaiting = true;
      await wait();
    }
  }
  async function resume(found: RotatedFile, from: FilePlace): Promise<void> {
    const isGuess = headLength(from.head) === 0 && found.inode !== from.inode && found.path !== path;
    if ((await use(found, from)) && isGuess) onEvent?.({ kind: 'rotated', path: found.path });
  }
  function hold(opened: FollowedFile): void {
    if (next && current && !untilEnd) late.watch(current);
    else void current?.close();
    current = opened;
    parser = parse(opened.offset);
    if (closed) leave();
  }
  /** Opens a file that was listed; false where it has another name by now, so that the next listing tells. */
  async function use({ path, inode }: RotatedFile, place?: FilePlace): Promise<boolean> {
    const opened = await openFollowed(path, place);
    if (opened.inode === inode) hold(opened);
    else await opened.close();
    return opened.inode === inode;
  }
  async function turn(file: RotatedFile): Promise<void> {
    delay = SOON;
    try {
      if (await use(file)) onEvent?.({ kind: 'rotated', path: file.path });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    } finally {
      next = seen = undefined;
    }
  }
  /** The file was truncated: goes on in its copy where there is one, else at its new beginning. */
  async function restart(left: FollowedFile): Promise<void> {
    const at = { ...left.place(parser.place()), head: left.head }; // also where no line of it has ended
    const files = await rotatedFiles(path);
    const copies = files.filter(({ inode, size }) => inode !== left.inode && size > at.offset);
    const copy = await firstHolding(copies, at);
    if (copy) return void (await use(copy, at));
    const same = files.find(({ inode }) => inode === left.inode);
    if (same ? await use(same) : true) onEvent?.({ kind: 'truncated', path: same?.path ?? path });
    if (!same) hold(await openFollowed(path));
  }
  /** The file that was written to after this one, where something was written to it. */
  async function successor(file: FollowedFile): Promise<RotatedFile | undefined> {
    if (await isNamed(path, file)) return undefined;
    const files = await rotatedFiles(path);
    const index = files.findIndex(({ inode }) => inode === file.inode);
    const after = index < 0 ? files.filter(({ modified }) => modified > file.modified) : files.slice(index + 1);
    const named = files.find((other) => other.path === path);
    return [...after, ...(named ? [named] : [])].find(({ size }) => size > 0);
  }
  async function oldestSince(time: bigint): Promise<RotatedFile | undefined> {
    return (await rotatedFiles(path)).find(({ modified, size }) => modified >= time && size > 0);
  }
  function wait(): Promise<void> {
    if (closed) return Promise.resolve();
    const time = delay;
    delay = Math.min(poll, 2 * delay);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(poll, time));
      stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
  return {
    next() {
      try {
        return take() ?? later();
      } catch (error) {
        leave();
        throw error;
      }
    },
    return() {
      closed = true;
      stopWaiting?.();
      leave();
    },
  };
}

/** Whether the path still leads to the file. */
async function isNamed(path: string, { inode }: FollowedFile): Promise<boolean> {
  try {
    return String((await stat(path, { bigint: true })).ino) === inode;
  } catch {
    return false;
  }
}
