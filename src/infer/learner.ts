import { type OperatorFunction, Subject, type Subscriber } from 'rxjs';
import type { TrainingStep } from '../types.js';

/**
 * Subscribes to learning for as long as `subscriber` lives, and returns what learns from one value at a time: it gives the
 * update that was made, if any. An error of learning is the subscriber's.
 */
export function learner<T>(
  learn: OperatorFunction<T, TrainingStep>,
  subscriber: Subscriber<unknown>,
): (value: T) => TrainingStep | undefined {
  const value$ = new Subject<T>();
  let made: TrainingStep | undefined;
  subscriber.add(
    learn(value$).subscribe({
      next: (step) => (made = step),
      error: (error: unknown) => subscriber.error(error),
    }),
  );
  return (value) => {
    made = undefined;
    value$.next(value);
    return made;
  };
}
