import type { Observable } from 'rxjs';

/**
 * A learning rate for each update, by its index from 0: any function of your own, beside `cosineDecay`, `stepDecay` and
 * `exponentialDecay`. The same index must give the same rate, however often and in whatever order it is asked, since a
 * resumed run continues at its index.
 *
 * ```ts
 * import { type Schedule, sgd } from 'rxrnn';
 *
 * const linearDecay =
 *   (learningRate: number, steps: number): Schedule =>
 *   (update) => learningRate * Math.max(0, 1 - update / steps);
 * console.log(sgd({ learningRate: linearDecay(0.5, 100) }).learningRate); // -> 0.5
 * ```
 */
export type Schedule = (update: number) => number;

/**
 * A learning rate, from 0 up: a number, a schedule, or an observable, of which each update takes the latest value.
 * `optimize` subscribes to the observable before its source and until its own subscription ends, so the first value
 * must come at once.
 */
export type LearningRate = number | Schedule | Observable<number>;
