import { asyncScheduler, type Subscriber, type Subscription } from 'rxjs';
import { reasonOf } from '../check/reasonOf.js';
import { guarded } from '../flow/guarded.js';
import { queue } from '../flow/queue.js';
import { timeSlice } from '../flow/timeSlice.js';

/** A sequence that was read from an item: the `index`th that came. */
export interface Waiting<T, S> {
  readonly item: T;
  readonly index: number;
  readonly sequence: S;
}

/** Sequences that are answered in one pass, part by part. */
export interface Reading<R> {
  /** Reads the next part; whether it was the last. */
  advance(): boolean;
  /** The answers, once all is read. */
  answers(): readonly R[];
}

export interface SequenceBatchesOptions<T, S, R> {
  /** Sequences that share a pass. */
  readonly lanes: number;
  /** Reads the sequence of an item; throws where it is none. What it gives must not change later. */
  read(item: T, index: number): S;
  /** Begins to answer sequences in one pass, each as it would be alone; it or its parts throw where one cannot be. */
  begin(batch: readonly Waiting<T, S>[]): Reading<R>;
  /** How many times the weights were changed: what was read in part with others is read again from its beginning. */
  weightsVersion(): number;
  readonly onInvalid: ((invalid: { readonly item: T; readonly reason: string }) => void) | undefined;
  readonly subscriber: Subscriber<R>;
}

/** Answers sequences in batches: the stage of an operator. */
export interface SequenceBatches<T> {
  next(item: T): void;
  error(error: unknown): void;
  complete(): void;
  close(): void;
}

/** Sequences that may wait while the event loop has its turn. */
const MOST_WAITING = 1024;

/** Times that a pass begins again for new weights; after that it is read in one turn, in which they cannot change. */
const MOST_AGAIN = 3;

/**
 * Collects sequences into batches and emits the answers in order. A sequence that cannot be read or answered is the error
 * of its item alone, for `onInvalid`; without that it is the error of the result, after the answers to those that came
 * before it, as is a failure of the source.
 *
 * A pass of one part is answered at once. One of several leaves the event loop its turn after each slice of 8 ms; what
 * comes meanwhile waits, up to 1,024 sequences, above which passes are not interrupted.
 * Where the model learns in such a turn, a pass begins again, so that each answer is that of one set of weights.
 *
 * ```
 * waiting --full, or the end--> batches --> reading --last part--> answers
 * reading --slice is over-----> resting --next turn--> reading
 * reading --throws------------> alone, one by one --> reading, or refused where it is one
 * ```
 */
export function sequenceBatches<T, S, R>(options: SequenceBatchesOptions<T, S, R>): SequenceBatches<T> {
  const { lanes, read, begin, weightsVersion, onInvalid, subscriber } = options;
  const slice = timeSlice(asyncScheduler);
  const batches = queue<readonly Waiting<T, S>[]>(); // that are full
  let waiting: Waiting<T, S>[] = []; // of the batch that is not
  let alone: Waiting<T, S>[] = []; // those of a batch that could not be answered together, the last first
  let held = 0; // sequences of `batches`
  let batch: readonly Waiting<T, S>[] = [];
  let reading: Reading<R> | undefined;
  let version = NaN; // of the weights that it is read with
  let again = 0; // times that it was begun again
  let resting: Subscription | undefined;
  let draining = false;
  let received = 0;
  let ended: (() => void) | undefined; // what is left to do when no sequence waits any more

  function enqueue(): void {
    if (waiting.length === 0) return;
    batches.push(waiting);
    held += waiting.length;
    waiting = [];
  }

  /**
   * Answers all that is enqueued, in slices unless it is to be in this turn. `isLater` is whether this is a turn after a rest:
   * then a slice also ends between two batches; in the turn in which items come those of one part are answered however many.
   */
  function drain(inOneTurn: boolean, isLater = false): void {
    if (draining || (resting !== undefined && !inOneTurn && held < MOST_WAITING)) return;
    draining = true;
    slice.begin();
    try {
      while (!subscriber.closed && (reading !== undefined || alone.length + batches.length > 0)) {
        const isWhole = advance();
        if (inOneTurn || again >= MOST_AGAIN || held >= MOST_WAITING || (isWhole && !isLater) || !slice.over())
          continue;
        if (!subscriber.closed) resting ??= slice.rest(onRested);
        return;
      }
    } finally {
      draining = false;
    }
    const finish = ended;
    ended = undefined;
    if (!subscriber.closed) finish?.();
  }
  const onRested = guarded(subscriber, () => {
    resting = undefined;
    drain(false, true);
  });

  /** Reads the next part of what is read, or begins to read; emits the answers and returns true after the last part. */
  function advance(): boolean {
    let answers: readonly R[];
    try {
      if (reading === undefined) {
        batch = nextBatch();
        again = 0;
        version = weightsVersion();
        reading = begin(batch);
      } else if (weightsVersion() !== version) {
        again += 1;
        version = weightsVersion();
        reading = begin(batch);
      }
      if (!reading.advance()) return false;
      answers = reading.answers();
      reading = undefined;
    } catch (error) {
      reading = undefined;
      if (batch.length === 1) refuse(batch[0]!.item, error);
      else alone = batch.toReversed(); // only the bad ones are refused
      return true;
    }
    for (const answer of answers) subscriber.next(answer);
    return true;
  }
  function nextBatch(): readonly Waiting<T, S>[] {
    const one = alone.pop();
    if (one !== undefined) return [one];
    const next = batches.shift();
    held -= next.length;
    return next;
  }
  function refuse(item: T, error: unknown): void {
    if (onInvalid === undefined) throw error;
    onInvalid({ item, reason: reasonOf(error) });
  }
  function end(finish: () => void, inOneTurn = false): void {
    ended ??= finish;
    drain(inOneTurn);
  }

  return {
    next(item) {
      if (ended !== undefined) return; // an answer brought it, and what came before it is an error
      const index = received++;
      let sequence: S;
      try {
        sequence = read(item, index);
      } catch (error) {
        if (onInvalid !== undefined) return refuse(item, error);
        enqueue();
        return end(() => refuse(item, error), true);
      }
      waiting.push({ item, index, sequence });
      if (waiting.length < lanes) return;
      enqueue();
      drain(false);
    },
    error(error) {
      enqueue();
      end(() => subscriber.error(error));
    },
    complete() {
      enqueue();
      end(() => subscriber.complete());
    },
    close() {
      resting?.unsubscribe();
      reading = undefined;
      batches.clear();
      waiting = [];
      alone = [];
    },
  };
}
