import type { OperatorFunction } from 'rxjs';

/** A value of a keyed stream. */
export interface BusValue {
  readonly key: string;
  readonly value: Uint8Array;
}

/** The states of keys while values of theirs are processed. */
export interface Sessions<S> {
  /** The state of a key after its last value; `undefined` before the first. Where a partition shares one, that one. */
  get(key: string): S | undefined;
  /** Sets the state of a key; call it for each key that had a value, before the result completes. */
  set(key: string, session: S): void;
}

/** What a stage is opened for. */
export interface PipelineContext {
  /** The bytes of the model that the bus has; `undefined` where it has none. */
  readonly model: Uint8Array | undefined;
  /** The number of that model, from 0: it grows with each model that replaces another. */
  readonly epoch: number;
  /** The partition, where each has a state of its own; `undefined` where keys have. */
  readonly partition: number | undefined;
}

/** A pipeline with its model. */
export interface PipelineStage<S> {
  /**
   * Makes an operator that gives one result per value, in order, and has set all sessions when it completes. It must
   * give the same results for the same values and sessions, however the values are cut into streams: work is repeated
   * after a crash. A value for which it fails goes to the dead letters, and its key continues without it.
   */
  operator(sessions: Sessions<S>): OperatorFunction<BusValue, Uint8Array>;
  /** Encodes a state, to be continued elsewhere. */
  encode(session: S): Uint8Array;
  /** Decodes a state; an Error where the bytes are of another kind of model. */
  decode(bytes: Uint8Array): S;
  /** Gives memory back. */
  close?(): void;
}

/** What is done with the values of a bus: a scan per key, or per partition, whose states the bus keeps. */
export interface Pipeline<S> {
  /** Whose state a session is: each key's (default), or that of a partition, such as weights that learn. */
  readonly scope?: 'key' | 'partition' | undefined;
  /**
   * What it does, in a few words, with the settings on which its results depend. A bus has one pipeline: a worker whose
   * pipeline has another name or scope than that of the first one is refused. Without a name only the scope is compared.
   */
  readonly name?: string | undefined;
  /** Opens a stage: once per model for all partitions, or where each has a state of its own, for each of them. */
  open(context: PipelineContext): PipelineStage<S>;
}
