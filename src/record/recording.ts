/** A recorded error. What was thrown but is not an Error is recorded as an Error whose message describes it. */
export interface ErrorText {
  readonly name: string;
  readonly message: string;
}

/** One notification of a stream at a step of the run's clock: a value, an error or the end. */
export type Marble<T = unknown> = { readonly step: number } & (
  { readonly kind: 'N'; readonly value: T } | { readonly kind: 'E'; readonly error: ErrorText } | { readonly kind: 'C' }
);

/** A marble with the title of its track; a run is a sequence of entries, in the order of events. */
export type Entry<T = unknown> = Marble<T> & { readonly title: string };

/** The notifications of one stream, by steps that never decrease. A stream that was left before its end has no end. */
export interface Track<T = unknown> {
  /** Visible text on one line, without blanks at its ends. */
  readonly title: string;
  readonly marbles: readonly Marble<T>[];
}

/** A recorded run: several streams on one clock. */
export interface Recording {
  /** What the recording is of: any value that can be recorded, such as `{ system: 'srn', seed: 0 }`. */
  readonly about: unknown;
  readonly tracks: readonly Track[];
}
