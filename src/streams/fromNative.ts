import { Observable } from 'rxjs';
import { refuse } from '../check/refuse.js';
import type { NativeObservable } from './nativeObservable.js';

/**
 * Makes an observable of RxJS 7 of one of the platform's, or of RxJS 9's, which have other operators and are cancelled by
 * a signal.
 *
 * ```
 * native:      -a--b-|
 * fromNative:  -a--b-|      within the same call
 * ```
 *
 * Each subscription subscribes to `native`, and unsubscribing aborts that. Such observables cannot be asked to wait:
 * `bounded` after this puts a limit on what waits. A TypeError for an observable of RxJS 7, which needs no change, and
 * for anything else.
 *
 * ```ts
 * import { map } from 'rxjs';
 * import { ColdObservable } from 'rxjs9';
 * import { fromNative } from 'rxrnn/streams';
 *
 * const native = new ColdObservable<number>((subscriber) => subscriber.next(2));
 * fromNative(native)
 *   .pipe(map((number) => 2 * number))
 *   .subscribe((number) => console.log(number)); // -> 4
 * ```
 */
export function fromNative<T>(native: NativeObservable<T>): Observable<T> {
  const { subscribe, pipe } = (native ?? {}) as { readonly subscribe?: unknown; readonly pipe?: unknown };
  if (typeof subscribe !== 'function' || typeof pipe === 'function') {
    refuse('fromNative', 'native', "the platform's Observable or one of RxJS 9", native, 'none');
  }
  return new Observable((subscriber) => {
    const controller = new AbortController();
    subscriber.add(() => controller.abort());
    native.subscribe(
      {
        next(value) {
          subscriber.next(value);
        },
        error(error) {
          subscriber.error(error);
        },
        complete() {
          subscriber.complete();
        },
      },
      { signal: controller.signal },
    );
  });
}
