import type { Subscriber } from 'rxjs';
import { reasonOf } from '../check/reasonOf.js';

/** A sequence that was read from an item: the `index`th that came. */
export interface Waiting<T, S> {
  readonly item: T;
  readonly index: number;
  readonly sequence: S;
}

export interface SequenceBatchesOptions<T, S, R> {
  /** Sequences that share a pass. */
  readonly lanes: number;
  /** Reads the sequence of an item; throws where it is none. */
  read(item: T, index: number): S;
  /** Answers sequences in one pass, each as it would be alone; throws where one cannot be answered. */
  answer(batch: readonly Waiting<T, S>[]): readonly R[];
  readonly onInvalid: ((invalid: { readonly item: T; readonly reason: string }) => void) | undefined;
  readonly subscriber: Subscriber<R>;
}

/** Answers sequences in batches. */
export interface SequenceBatches<T> {
  add(item: T): void;
  /** Answers those that wait. */
  flush(): void;
}

/**
 * Collects sequences into batches and emits the answers in order. A sequence that cannot be read or answered is the error
 * of its item alone, for `onInvalid`; without that it is thrown, after the answers to those that came before it.
 */
export function sequenceBatches<T, S, R>(options: SequenceBatchesOptions<T, S, R>): SequenceBatches<T> {
  const { lanes, read, answer, onInvalid, subscriber } = options;
  let waiting: Waiting<T, S>[] = [];
  let received = 0;

  function flush(): void {
    const batch = waiting;
    waiting = [];
    // All are answered before the first is emitted, which may bring the next sequence.
    for (const emit of batch.length > 0 ? answered(batch) : []) emit();
  }
  function answered(batch: readonly Waiting<T, S>[]): (() => void)[] {
    try {
      return answer(batch).map((result) => () => subscriber.next(result));
    } catch (error) {
      if (batch.length > 1) return batch.flatMap((one) => answered([one])); // only the bad ones are refused
      return [() => refuse(batch[0]!.item, error)];
    }
  }
  function refuse(item: T, error: unknown): void {
    if (onInvalid === undefined) throw error;
    onInvalid({ item, reason: reasonOf(error) });
  }

  return {
    add(item) {
      const index = received++;
      let sequence: S;
      try {
        sequence = read(item, index);
      } catch (error) {
        if (onInvalid === undefined) flush();
        return refuse(item, error);
      }
      waiting.push({ item, index, sequence });
      if (waiting.length === lanes) flush();
    },
    flush,
  };
}
