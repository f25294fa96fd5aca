import type { Observable } from 'rxjs';

/** How events are learned, whatever for, and where what was learned is kept. */
export interface LearningOptions {
  readonly hidden: number;
  readonly epochs: number | undefined;
  readonly seed: number;
  readonly out: string | undefined;
  readonly model: string | undefined;
  readonly json: boolean;
  /** Ends the learning early; what was learned is saved, and nothing is counted. */
  readonly stop$: Observable<unknown>;
}
