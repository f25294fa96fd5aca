import type { OperatorFunction } from 'rxjs';
import type { Scored } from './scored.js';

/** A way to score lines. */
export interface Scoring {
  readonly score: OperatorFunction<string, Scored>;
  /** A line for people, with its score; on a terminal it leaves so many columns free. */
  text(scored: Scored, indent?: number): string;
  /** A sentence about all lines, at the end. */
  summary(): string;
  /** Saves what is to be saved at the end; a message about it. */
  end(): string | undefined;
  /** What it has learned so far; absent where it cannot be saved that way. */
  readonly state?: () => Uint8Array;
  /** How many templates it knows, and about how many lines it learns from before it marks any. */
  readonly templates?: () => number;
  readonly warmUp?: number;
}
