import type { OperatorFunction } from 'rxjs';
import { checkBytes } from '../check/checkBytes.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import type { Credit } from '../flow/credit.js';
import { operator } from '../flow/operator.js';
import type { Bus } from './bus.js';
import { encodeIn, keyBytes, VALUE_BYTES } from './frames.js';
import { checkBus } from './checkBus.js';
import { checkCredit } from '../flow/checkCredit.js';
import { keySubject } from './keySubject.js';
import { partitionOf } from './partitionOf.js';
import type { BusValue } from './pipeline.js';

/** How values are gathered, and how many may be on their way. */
export interface ToBusOptions {
  /**
   * Holds the values that are not acknowledged yet: pull the source with it, and a slow bus slows the source down. By
   * default nothing stops the source, and what it emits waits in memory.
   */
  readonly inFlight?: Credit | undefined;
  /** Bytes of values from which a frame is full: 256 by default, as many tokens where tokens are characters. */
  readonly frameBytes?: number | undefined;
}

/** Values that the bus has stored. */
export interface BusReceipt {
  readonly key: string;
  readonly partition: number;
  /** The sequence number of their frame in its partition. */
  readonly seq: number;
  /** How many values of the key the frame has. */
  readonly values: number;
}

/** Values of one key that wait. */
interface Waiting {
  readonly subject: string;
  readonly values: Uint8Array[];
}

/** A partition with values that wait; one append at a time, so that a key's frames cannot overtake each other. */
interface Lane {
  readonly keys: Map<string, Waiting>;
  appending: boolean;
}

/** Frames per append. */
const MOST_FRAMES = 128;

/**
 * Puts values on a bus, in order for each key, and emits a receipt per frame when it is stored.
 *
 * ```
 * values       -(a1 a2 b1)------a3-|
 * toBus(bus)   -----------(A B)-----A|     A: { key: 'a', partition, seq, values: 2 }
 * ```
 *
 * Values of a key that come while the bus stores others share a frame, up to `frameBytes`: a message per value would
 * cost more than the value. The result completes when everything is stored. An error of the bus is an error of the
 * result; what had a receipt is stored, of the rest nobody knows. A RangeError for a key that cannot be encoded or a
 * value that does not fit an entry of the bus.
 *
 * ```ts
 * import { credit, pull } from 'rxrnn';
 * import { memoryBus, toBus } from 'rxrnn/bus';
 *
 * const inFlight = credit({ high: 1024 });
 * const lines = ['a 1', 'a 2'].map((line) => ({ key: line[0]!, value: new TextEncoder().encode(line) }));
 * pull(lines, inFlight)
 *   .pipe(toBus(memoryBus(), { inFlight }))
 *   .subscribe(({ key, seq, values }) => console.log(key, seq, values)); // -> a 1 2
 * ```
 */
export function toBus(bus: Bus, given: ToBusOptions = {}): OperatorFunction<BusValue, BusReceipt> {
  checkBus('toBus', 'bus', bus);
  given = checkOptions('toBus', given, { inFlight: optional(checkCredit), frameBytes: optional(positiveInteger) });
  const { inFlight, frameBytes = 256 } = given;

  return operator((subscriber) => {
    const lanes = new Map<number, Lane>();
    let waiting = 0; // values that have no receipt
    let ended = false;

    function lane(partition: number): Lane {
      let found = lanes.get(partition);
      if (!found) lanes.set(partition, (found = { keys: new Map(), appending: false }));
      return found;
    }
    /** Takes a frame of each of the keys that have waited longest. */
    function gather(own: Lane): { key: string; subject: string; values: Uint8Array[] }[] {
      const frames: { key: string; subject: string; values: Uint8Array[] }[] = [];
      const most = Math.min(own.keys.size, MOST_FRAMES);
      for (const [key, { subject, values }] of own.keys) {
        if (frames.length === most) break; // a key that was put after the others must not come twice
        let count = 0;
        let bytes = 0;
        let size = keyBytes(key, subject);
        while (count < values.length && bytes < frameBytes) {
          size += VALUE_BYTES + values[count]!.length;
          if (count > 0 && size > bus.maxBytes) break;
          bytes += values[count++]!.length;
        }
        frames.push({ key, subject, values: values.splice(0, count) });
        own.keys.delete(key);
        if (values.length > 0) own.keys.set(key, { subject, values }); // after the others
      }
      return frames;
    }
    async function append(partition: number, own: Lane): Promise<void> {
      await Promise.resolve(); // what the source emits in one turn shares frames
      while (own.keys.size > 0 && !subscriber.closed) {
        const frames = gather(own);
        const entries = frames.map((frame) => ({ subject: frame.subject, data: encodeIn(frame, frame.subject) }));
        const seqs = await bus.log.append('in', partition, entries);
        for (const [i, { key, values }] of frames.entries()) {
          if (subscriber.closed) return; // `close` has released all
          waiting -= values.length;
          inFlight?.release(values.length);
          subscriber.next({ key, partition, seq: seqs[i]!, values: values.length });
        }
      }
      own.appending = false;
      if (own.keys.size === 0) lanes.delete(partition);
      if (ended && waiting === 0) subscriber.complete();
    }

    return {
      next(item) {
        const { key, value } = (item ?? {}) as Partial<BusValue>;
        if (typeof key !== 'string') refuse('toBus', 'what comes in', 'a key with a value', item, 'none');
        checkBytes('toBus', 'value', value);
        const subject = keySubject(key);
        if (keyBytes(key, subject) + VALUE_BYTES + value.length > bus.maxBytes) {
          throw new RangeError(
            `toBus: a value has ${value.length} bytes, and an entry of ${bus.name} at most ${bus.maxBytes}, with its key and frame`,
          );
        }
        const partition = partitionOf(key, bus.partitions);
        const own = lane(partition);
        const found = own.keys.get(key);
        if (found) found.values.push(value);
        else own.keys.set(key, { subject, values: [value] });
        waiting += 1;
        inFlight?.hold();
        if (own.appending) return;
        own.appending = true;
        append(partition, own).catch((error: unknown) => subscriber.error(error));
      },
      complete() {
        ended = true;
        if (waiting === 0) subscriber.complete();
      },
      close() {
        inFlight?.release(waiting);
        waiting = 0;
        lanes.clear();
      },
    };
  });
}
