import { Observable, Subject, takeUntil } from 'rxjs';
import { callable } from '../check/callable.js';
import { options as checkOptions } from '../check/options.js';
import { optional } from '../check/optional.js';
import { stream } from '../check/stream.js';
import type { NativeObservable, NativeObservableClass } from './nativeObservable.js';

/** Which class of observables `toNative` makes. */
export interface ToNativeOptions<T, O> {
  /** The class, such as `ColdObservable` of RxJS 9; the platform's `Observable` by default. */
  readonly Observable?: NativeObservableClass<T, O> | undefined;
}

/**
 * Makes one of the platform's observables, or RxJS 9's, of an observable of RxJS 7.
 *
 * ```
 * source:    -a--b-|
 * toNative:  -a--b-|      within the same call
 * ```
 *
 * Aborting the signal of a subscription unsubscribes. The platform's `Observable` shares one subscription among observers
 * at the same time; RxJS 9's `ColdObservable` makes one for each. An Error where the platform has none and no class is
 * given.
 *
 * ```ts
 * import { of } from 'rxjs';
 * import { ColdObservable } from 'rxjs9';
 * import { toNative } from 'rxrnn/streams';
 *
 * const native = toNative(of(1, 2), { Observable: ColdObservable<number> });
 * native.map((number) => 2 * number).subscribe((number) => console.log(number));
 * // -> 2
 * // -> 4
 * ```
 */
export function toNative<T, O extends NativeObservable<T> = NativeObservable<T>>(
  source: Observable<T>,
  options: ToNativeOptions<T, O> = {},
): O {
  stream('toNative', 'source', source);
  const { Observable: given } = checkOptions<ToNativeOptions<T, O>>('toNative', options, {
    Observable: optional(callable),
  });
  const Class =
    given ?? ((globalThis as { readonly Observable?: unknown }).Observable as NativeObservableClass<T, O> | undefined);
  if (typeof Class !== 'function') {
    throw new Error(
      'toNative: this platform has no Observable; give the class to use, such as ColdObservable of RxJS 9, as ' +
        '{ Observable }',
    );
  }
  return new Class((subscriber) => {
    const left$ = new Subject<void>(); // stops a source that is still emitting within `subscribe`
    subscriber.addTeardown(() => left$.next());
    source.pipe(takeUntil(left$)).subscribe({
      next(value) {
        subscriber.next(value);
      },
      error(error: unknown) {
        subscriber.error(error);
      },
      complete() {
        subscriber.complete();
      },
    });
  });
}
