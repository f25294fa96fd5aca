import { callable } from '../check/callable.js';
import { refuse } from '../check/refuse.js';
import { Observable, Subscription, type OperatorFunction, type Subscriber } from 'rxjs';

/** The handlers of an operator; one that is left out passes the notification on. */
export interface Stage<T> {
  next(value: T): void;
  /** Called when the source fails; without it the result fails with the same error. */
  error?(error: unknown): void;
  /** Called when the source completes; without it the result completes, too. */
  complete?(): void;
  /** Called once, when the subscription ends for any reason; the source is closed by then. */
  close?(): void;
}

/**
 * Makes an operator of handlers. Its source closes together with the subscriber downstream: *at once*, even while the
 * source is still emitting inside its own `subscribe`.
 *
 * ```
 * source:                      -a---b---c---d-
 * operator(twice), take(4):    -(aa)(bb|)          the source is left in the middle of its emission of b
 * ```
 *
 * `observe` runs once per subscription, so the state that it closes over belongs to that subscription alone. What a
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
  callable('operator', 'observe', observe);
  return (source) => {
    subscribable(source);
    return new Observable<R>((subscriber) => {
      const upstream = new Subscription(); // added first, closed first: `close` of the stage finds its source closed
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
  };
}

/** Refuses what nothing can subscribe to. */
function subscribable(source: unknown): void {
  if (typeof (source as { readonly subscribe?: unknown } | null | undefined)?.subscribe === 'function') return;
  refuse('operator', 'the source', 'an observable', source, 'none');
}
