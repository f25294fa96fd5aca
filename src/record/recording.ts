/** An error as it is kept: what was thrown and is no Error is kept as an Error whose message describes it. */
export interface ErrorText {
  readonly name: string;
  readonly message: string;
}

/** One thing that a stream did, at a step of the run's clock: a value, its error or its end. */
export type Marble<T = unknown> = { readonly step: number } & (
  { readonly kind: 'N'; readonly value: T } | { readonly kind: 'E'; readonly error: ErrorText } | { readonly kind: 'C' }
);

/** A marble and the track that it lies on: what a run is, in the order in which it happened. */
export type Entry<T = unknown> = Marble<T> & { readonly title: string };

/** What one stream did, on a clock of whole steps; steps never fall. A track that was left before its end has none. */
export interface Track<T = unknown> {
  /** Visible text on one line, without blanks at its ends. */
  readonly title: string;
  readonly marbles: readonly Marble<T>[];
}

/** A run that was kept: several streams on one clock. */
export interface Recording {
  /** What it is a recording of: any value that can be recorded, such as `{ system: 'srn', seed: 0 }`. */
  readonly about: unknown;
  readonly tracks: readonly Track[];
}
