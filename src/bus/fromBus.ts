import type { Observable } from 'rxjs';
import { callable } from '../check/callable.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { orInfinity } from '../check/orInfinity.js';
import { positive } from '../check/positive.js';
import { refuse } from '../check/refuse.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { type Demand, unlimited } from '../flow/demand.js';
import { checkDemand } from '../flow/checkDemand.js';
import { pull } from '../flow/pull.js';
import type { Bus, Channel, Stored } from './bus.js';
import { decodeIn, decodeOut, type OutFrame } from './frames.js';
import { checkBus } from './checkBus.js';

/** What is read of a bus. */
export interface FromBusOptions {
  /** `out` for results (default), `in` for what came in, `dead` for values that could not be processed. */
  readonly channel?: Channel | undefined;
  /** One partition; all by default. */
  readonly partition?: number | undefined;
  /** The sequence number of the first entry that is read; 1, the beginning, by default. It needs a `partition`. */
  readonly from?: number | undefined;
  /** Milliseconds without a new value after which it completes; never by default. */
  readonly idleMilliseconds?: number | undefined;
  /** Demand for values, as `pull` takes it; unlimited by default. */
  readonly demand?: Demand | undefined;
  /**
   * Called with each entry of `out` or `dead` that no worker wrote, which is then left out; an error of the result by
   * default.
   */
  readonly foreign?: ((entry: Stored) => void) | undefined;
}

/** A value of a bus. */
export interface BusItem {
  readonly key: string;
  readonly value: Uint8Array;
  readonly partition: number;
  /** The sequence number of the entry that it is in; several values share one. */
  readonly seq: number;
  /**
   * The number of the value in the stream of its key, from 1: of results, that of the value which they are of. 0 in
   * `in`, where nobody counts; among dead letters the place in its frame, from 1.
   */
  readonly number: number;
  /** Why it is a dead letter. */
  readonly reason?: string;
}

/** Entries that are read at once. */
const AT_ONCE = 64;
/** Milliseconds that a reader waits for entries before it looks whether it is still wanted. */
const WAIT = 1000;

/**
 * Reads what is on a bus and what comes, in order for each key, on demand.
 *
 * ```
 * stored          -a-b---c---
 * fromBus(bus)    -a-b---c---     and on, unless `idleMilliseconds` ends it
 * ```
 *
 * Reading changes nothing on the bus, so any number of readers may read. An entry that is not a frame is an error,
 * since a worker never writes one, or is left out with `foreign`; among the values that came in it is passed on as it
 * is. Before it completes it asks the bus whether there is more, so that a server that is away is an error, not the end.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { fromBus, memoryBus, toBus } from 'rxrnn/bus';
 *
 * const bus = memoryBus();
 * const values = ['x', 'y'].map((text) => ({ key: 'ann', value: new TextEncoder().encode(text) }));
 * from(values).pipe(toBus(bus)).subscribe();
 * fromBus(bus, { channel: 'in', idleMilliseconds: 50 }).subscribe({
 *   next: ({ key, value }) => console.log(key, new TextDecoder().decode(value)),
 *   complete: () => console.log('idle'),
 * });
 * // -> ann x
 * // -> ann y
 * // -> idle
 * ```
 */
export function fromBus(bus: Bus, given: FromBusOptions = {}): Observable<BusItem> {
  checkBus('fromBus', 'bus', bus);
  given = checkOptions('fromBus', given, {
    channel: optional(oneOf('in', 'out', 'dead')),
    partition: optional(wholeNumber(0, bus.partitions - 1)),
    from: optional(wholeNumber(1)),
    idleMilliseconds: optional(orInfinity(positive)),
    demand: optional(checkDemand),
    foreign: optional(callable),
  });
  const { channel = 'out', partition, from = 1, idleMilliseconds = Infinity, demand = unlimited, foreign } = given;
  if (from > 1 && partition === undefined) {
    refuse('fromBus', 'from', '1 without a partition, since each counts by itself', from, 'number');
  }

  return pull(() => {
    const reader = bus.log.read(channel, partition, from);
    let items: BusItem[] = [];
    let at = 0;
    let left = false;
    const read = new Map<number, number>(); // by partition, the last entry that was read

    const wanted = (): boolean => !left;
    /** Whether nothing is there that was not read: a reader that finds nothing may only wait for a slow server. */
    async function isAtEnd(): Promise<boolean> {
      const all = partition === undefined ? Array.from({ length: bus.partitions }, (_, p) => p) : [partition];
      const ends = await Promise.all(all.map((p) => bus.log.end(channel, p)));
      return ends.every((end, i) => end <= (read.get(all[i]!) ?? from - 1));
    }

    function failed(error: unknown): never {
      reader.close();
      throw error;
    }
    async function more(): Promise<IteratorResult<BusItem>> {
      for (let waited = 0; wanted();) {
        const wait = Math.min(WAIT, idleMilliseconds - waited);
        const taken = await reader.take(AT_ONCE, wait);
        for (const { partition: from, seq } of taken) read.set(from, seq);
        items = taken.flatMap((stored) => itemsOf(channel, stored, foreign));
        at = 0;
        if (items.length > 0) return { done: false, value: items[at++]! };
        waited = taken.length > 0 ? 0 : waited + wait;
        if (waited < idleMilliseconds || !wanted()) continue;
        if (await isAtEnd()) break;
        waited = 0;
      }
      reader.close();
      return { done: true, value: undefined };
    }
    return {
      next: () => (at < items.length ? { done: false, value: items[at++]! } : more().catch(failed)),
      return() {
        left = true;
        reader.close();
      },
    };
  }, demand);
}

function itemsOf(channel: Channel, entry: Stored, foreign: ((entry: Stored) => void) | undefined): BusItem[] {
  const { partition, seq, subject, data } = entry;
  if (channel === 'in') {
    try {
      const { key, values } = decodeIn(subject, data);
      return values.map((value) => ({ key, value, partition, seq, number: 0 }));
    } catch {
      return [{ key: subject, value: data, partition, seq, number: 0 }];
    }
  }
  let frame: OutFrame;
  try {
    frame = decodeOut(subject, data);
  } catch (error) {
    if (!foreign) throw error;
    foreign(entry);
    return [];
  }
  const { key, parts } = frame;
  if (channel === 'out') {
    return parts.flatMap(({ first, values }) =>
      values.flatMap((value, i) => (value ? [{ key, value, partition, seq, number: first + i }] : [])),
    );
  }
  return parts.map(({ first, values: [reason, value] }) => ({
    key,
    value: value ?? new Uint8Array(),
    partition,
    seq,
    number: first,
    reason: new TextDecoder().decode(reason),
  }));
}
