import type { BusValue } from './pipeline.js';
import type { OutputEnd } from './outputs.js';
import type { Scored } from './scoreValues.js';

/** The states that the values of a partition change, while a worker has it. */
export interface PartitionStates {
  /** Reads what the bus keeps of keys, by their subjects. */
  load(keys: ReadonlyMap<string, string>): Promise<void>;
  /** The sequence number of the last frame that the state of a key has. */
  source(subject: string): number;
  /** Where the outputs of a key end. */
  end(subject: string): OutputEnd;
  /** Processes values in order. */
  score(values: readonly BusValue[]): Promise<readonly Scored[]>;
  /** Notes that the state of a key has a frame of so many values. */
  advance(subject: string, source: number, values: number): void;
  /** Writes the states that changed; returns what is to be done once the cursor is written, too. */
  commit(): Promise<() => Promise<void>>;
}

/** The model that a partition is at. */
export interface ModelPlace {
  readonly epoch: number;
  /** States of models before this one start again. */
  readonly resetSince: number;
}

/** What the states of a partition need of the worker that has it. */
export interface PartitionStatesOptions {
  readonly place: ModelPlace;
  /** Keys that are kept in memory after a commit. */
  readonly most: number;
  /** Finds in the log where the outputs of a key end. */
  readonly outputEnd: (key: string, subject: string) => Promise<OutputEnd>;
  /** Throws unless this worker still has the partition. */
  readonly mayWrite: () => Promise<void>;
}

/** Decodes a state; `undefined` where it starts again, as where it does not fit a model that came after it. */
export function continued<S>(
  decode: (bytes: Uint8Array) => S,
  { state, epoch }: { readonly state: Uint8Array | undefined; readonly epoch: number },
  place: ModelPlace,
): S | undefined {
  if (state === undefined || epoch < place.resetSince) return undefined;
  try {
    return decode(state);
  } catch (error) {
    if (epoch !== place.epoch) return undefined;
    throw error;
  }
}
