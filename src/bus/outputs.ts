import type { Bus, Entry } from './bus.js';
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
/** Attempts before a stream of outputs that others change again and again is given up. */
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
    const last = await bus.log.last('out', partition, end.subject);
    const part = last && decodeOut(end.subject, last.data).parts.at(-1);
    if (!last || !part) {
      end.out = 0; // what was there was trimmed
      return;
    }
    end.out = last.seq;
    end.source = part.source;
    end.count = part.first + part.values.length - 1;
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
      for (;;) {
        const last = await bus.log.last('dead', partition, subject);
        const part = last && decodeOut(subject, last.data).parts.at(-1);
        if (part && (part.source > source || (part.source === source && part.first > index))) break;
        await mayWrite();
        const room = bus.maxBytes - keyBytes(key, subject) - PART_BYTES - 2 * VALUE_BYTES;
        const why = beginningOf(reason, Math.max(0, Math.min(REASON, room)));
        const fits = why.length + value.length <= room;
        const values = [why, fits ? value : undefined];
        const data = encodeOut({ key, parts: [{ source, first: index + 1, values }] }, subject);
        const [stored] = await bus.log.append('dead', partition, [{ subject, data, after: last?.seq ?? 0 }]);
        if (stored !== undefined) break;
      }
    }
  }
}

/** The bytes of as many whole characters of a text as fit. */
function beginningOf(text: string, most: number): Uint8Array {
  const bytes = new Uint8Array(most);
  return bytes.subarray(0, new TextEncoder().encodeInto(text, bytes).written);
}
