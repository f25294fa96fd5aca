import { reasonOf } from '../check/reasonOf.js';
import type { Stored } from './bus.js';
import { decodeIn } from './frames.js';
import { keySubject, subjectKey } from './keySubject.js';
import { partitionOf } from './partitionOf.js';

/** A frame of values, as it was read. */
export interface Frame {
  readonly seq: number;
  readonly subject: string;
  readonly key: string;
  readonly values: readonly Uint8Array[];
  /** Why it is not a frame. */
  readonly bad?: string;
  /** Whether it is of its key; so is something other than a frame where the subject tells the key. */
  readonly isOfKey: boolean;
}

/** Decodes a frame; what is not a frame, or in a place where its key does not belong, is one bad value. */
export function readFrame({ seq, subject, partition, data }: Stored, partitions: number): Frame {
  try {
    const frame = decodeIn(subject, data);
    const own = partitionOf(frame.key, partitions);
    if (own !== partition) throw new RangeError(`its key belongs to partition ${own} of ${partitions}`);
    return { seq, subject, ...frame, isOfKey: true };
  } catch (error) {
    const key = subjectKey(subject);
    const isOfKey = key !== undefined && keySubject(key) === subject;
    return { seq, subject, key: key ?? subject, values: [data], bad: reasonOf(error), isOfKey };
  }
}
