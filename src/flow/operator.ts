import { Observable, Subscription, type OperatorFunction, type Subscriber } from 'rxjs';

/** What an operator does with its source; a handler that is left out passes the notification on. */
export interface Stage<T> {
  next(value: T): void;
  /** The source has failed; without it the result fails alike. */
  error?(error: unknown): void;
  /** The source has ended; without it the result ends, too. */
  complete?(): void;
  /** Called once, when the subscription ends for whatever reason; the source is closed by then. */
  close?(): void;
}

/**
 * An operator written as handlers, whose source closes together with the subscriber downstream: *at once*, even while
 * the source is still emitting inside its own `subscribe`.
 *
 * ```
 * source:                      -a---b---c---d-
 * operator(twice), take(4):    -(aa)(bb|)          and the source is left in the middle of its emission of b
 * ```
 *
 * `observe` runs once a subscription, so the state that it closes over belongs to that subscription alone. What a
 * handler throws becomes the error of the result.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { operator } from 'rxrnn';
 *
 * const twice = operator<string, string>((subscriber) => ({
 *   next(value) {
 *     subscriber.next(value);
 *     subscriber.next(value);
 *   },
 * }));
 * from('ab')
 *   .pipe(twice)
 *   .subscribe((value) => console.log(value));
 * // -> a
 * // -> a
 * // -> b
 * // -> b
 * ```
 */
export function operator<T, R>(observe: (subscriber: Subscriber<R>) => Stage<T>): OperatorFunction<T, R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      const upstream = new Subscription(); // first in, first to close: what a stage gives back finds its source shut
      subscriber.add(upstream);
      const stage = observe(subscriber);
      subscriber.add(() => stage.close?.());

      const linked$ = new Observable<T>((link) => {
        upstream.add(link); // before the source can emit: the handle that `subscribe` returns would come too late
        source.subscribe(link);
      });
      linked$.subscribe({
        next(value) {
          try {
            stage.next(value);
          } catch (error) {
            subscriber.error(error);
          }
        },
        error(failure: unknown) {
          if (stage.error === undefined) return subscriber.error(failure);
          try {
            stage.error(failure);
          } catch (error) {
            subscriber.error(error);
          }
        },
        complete() {
          if (stage.complete === undefined) return subscriber.complete();
          try {
            stage.complete();
          } catch (error) {
            subscriber.error(error);
          }
        },
      });
    });
}
