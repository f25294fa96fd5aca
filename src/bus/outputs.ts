import type { Bus, Entry, Stored } from './bus.js';
import { decodeOut, encodeOut, keyBytes, type OutPart, PART_BYTES, VALUE_BYTES } from './frames.js';
import { Lost } from './Lost.js';

/** Where the outputs of a key end. */
export interface OutputEnd {
  readonly key: string;
  readonly subject: string;
  /** The sequence number of the last output; 0 for none. */
  out: number;
  /** The sequence number of the last frame whose results are out. */
  source: number;
  /** How many values of the key have their results out. */
  count: number;
}

/** Results of one frame, and those that are dead letters with their reasons. */
export interface FrameResults {
  readonly source: number;
  readonly values: readonly (Uint8Array | undefined)[];
  readonly dead: readonly DeadLetter[];
}

/** A value that could not be processed. */
export interface DeadLetter {
  /** Its place in its frame, from 0. */
  readonly index: number;
  readonly value: Uint8Array;
  readonly reason: string;
}

/** The most bytes of a reason. */
const REASON = 500;
/** Entries that are read at once, and milliseconds until they come, in a search for the last that a worker wrote. */
const AT_ONCE = 256;
const ANSWER = 10_000;
/** Attempts before a stream of outputs or dead letters that others change again and again is given up. */
const TRIES = 100;

/**
 * Publishes results exactly once and in order, even where others publish the same.
 *
 * Each output carries the number of the frame that it comes from, and is stored only after the output that this
 * worker believes to be the key's last. Where another was there already, the last one says how far it got; what it
 * has is skipped, and the rest is tried again after it. A worker that died, or was stopped and woke up, thus leaves
 * nothing twice.
 */
export function outputs(
  bus: Bus,
  partition: number,
  mayWrite: () => Promise<void>,
): {
  /** Where the outputs of a key end, by the log. */
  end(key: string, subject: string): Promise<OutputEnd>;
  /** Publishes results per key; moves the ends. Those that are out already are left out. */
  publish(results: ReadonlyMap<OutputEnd, readonly FrameResults[]>): Promise<void>;
  /** Puts values of a frame among the dead letters, unless they are there. */
  bury(
    of: { readonly key: string; readonly subject: string },
    source: number,
    dead: readonly DeadLetter[],
  ): Promise<void>;
} {
  async function correct(end: OutputEnd): Promise<void> {
    const { seq, part } = await lastOf('out', end.subject);
    end.out = seq; // 0 where what was there was trimmed
    if (!part || part.source < end.source) return; // results that the log has lost leave a gap in the numbers
    end.source = part.source;
    end.count = part.first + part.values.length - 1;
  }
  /**
   * The number of the last entry of a subject, and the last part that a worker wrote. Where another program has written
   * after it, the log is searched from its beginning: slow, but no such entry stops a key.
   */
  async function lastOf(channel: 'out' | 'dead', subject: string): Promise<{ seq: number; part: OutPart | undefined }> {
    const last = await bus.log.last(channel, partition, subject);
    if (!last) return { seq: 0, part: undefined };
    let part = partOf(last);
    if (part) return { seq: last.seq, part };
    const reader = bus.log.read(channel, partition, 1);
    try {
      for (let at = 0; at < last.seq;) {
        const taken = await reader.take(AT_ONCE, ANSWER);
        if (taken.length === 0) throw new Error(`the results of partition ${partition} cannot be read`);
        for (const stored of taken)
          if (stored.subject === subject && stored.seq <= last.seq) part = partOf(stored) ?? part;
        at = taken.at(-1)!.seq;
      }
    } finally {
      reader.close();
    }
    return { seq: last.seq, part };
  }

  /** The next entry of a key: as many frames as fit. */
  function next(end: OutputEnd, frames: readonly FrameResults[]): { entry: Entry; source: number; count: number } {
    let size = keyBytes(end.key, end.subject);
    let { count, source } = end;
    const parts: OutPart[] = [];
    for (const frame of frames) {
      if (frame.source <= end.source) continue;
      const more = frame.values.reduce((sum, value) => sum + VALUE_BYTES + (value?.length ?? 0), PART_BYTES);
      if (parts.length > 0 && size + more > bus.maxBytes) break;
      parts.push({ source: frame.source, first: count + 1, values: frame.values });
      size += more;
      count += frame.values.length;
      source = frame.source;
    }
    return {
      entry: { subject: end.subject, data: encodeOut({ key: end.key, parts }, end.subject), after: end.out },
      source,
      count,
    };
  }

  return {
    bury,
    async end(key, subject) {
      const end = { key, subject, out: 0, source: 0, count: 0 };
      await correct(end);
      return end;
    },
    async publish(results) {
      for (const [end, frames] of results) {
        for (const { source, dead } of frames) await bury(end, source, dead);
      }
      let left = [...results];
      for (let tries = 0; ; tries++) {
        left = left.filter(([end, frames]) => frames.at(-1)!.source > end.source);
        if (left.length === 0) return;
        if (tries > TRIES + results.size) throw new Lost('its outputs are changed by others again and again');
        await mayWrite();
        const tried = left.map(([end, frames]) => next(end, frames));
        const stored = await bus.log.append(
          'out',
          partition,
          tried.map(({ entry }) => entry),
        );
        for (const [i, [end]] of left.entries()) {
          const out = stored[i];
          if (out === undefined) await correct(end);
          else Object.assign(end, { out, source: tried[i]!.source, count: tried[i]!.count });
        }
      }
    },
  };

  async function bury(
    { key, subject }: { readonly key: string; readonly subject: string },
    source: number,
    dead: readonly DeadLetter[],
  ): Promise<void> {
    for (const { index, value, reason } of dead) {
      for (let tries = 0; ; tries++) {
        if (tries > TRIES) throw new Lost('its dead letters are changed by others again and again');
        const { seq, part } = await lastOf('dead', subject);
        if (part && (part.source > source || (part.source === source && part.first > index))) break;
        await mayWrite();
        const room = bus.maxBytes - keyBytes(key, subject) - PART_BYTES - 2 * VALUE_BYTES;
        const why = beginningOf(reason, Math.max(0, Math.min(REASON, room)));
        const fits = why.length + value.length <= room;
        const values = [why, fits ? value : undefined];
        const data = encodeOut({ key, parts: [{ source, first: index + 1, values }] }, subject);
        const [stored] = await bus.log.append('dead', partition, [{ subject, data, after: seq }]);
        if (stored !== undefined) break;
      }
    }
  }
}

/** The last part of an entry; `undefined` where no worker wrote it. */
function partOf({ subject, data }: Stored): OutPart | undefined {
  try {
    return decodeOut(subject, data).parts.at(-1);
  } catch {
    return undefined;
  }
}

/** The bytes of as many whole characters of a text as fit. */
function beginningOf(text: string, most: number): Uint8Array {
  const bytes = new Uint8Array(most);
  return bytes.subarray(0, new TextEncoder().encodeInto(text, bytes).written);
}
