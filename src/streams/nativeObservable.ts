/** An observer of the platform's observables. */
export interface NativeObserver<T> {
  readonly next: (value: T) => void;
  readonly error: (error: unknown) => void;
  readonly complete: () => void;
}

/** The platform's `Observable` (Chrome from 135 on), and that of RxJS 9, as far as it is used. */
export interface NativeObservable<T> {
  subscribe(observer?: Partial<NativeObserver<T>>, options?: { readonly signal?: AbortSignal }): void;
}

/** What the function that starts such an observable is given. */
export interface NativeSubscriber<T> {
  next(value: T): void;
  error(error: unknown): void;
  complete(): void;
  addTeardown(teardown: () => void): void;
}

/** A class of such observables. */
export type NativeObservableClass<T, O> = new (start: (subscriber: NativeSubscriber<T>) => void) => O;
