import type { Observable } from 'rxjs';

/** The rate of each update, by its index from 0; the same index gives the same rate, however often it is asked. */
export type Schedule = (update: number) => number;

/**
 * A learning rate, from 0 up: a number; a schedule; or an observable, whose latest value holds. `optimize` subscribes
 * to the observable before its source and until its own subscription ends, so the first value must come at once.
 */
export type LearningRate = number | Schedule | Observable<number>;
