import type { Observable } from 'rxjs';

/** What a synchronous observable emits first, mapped while it is fresh. */
export function first<T, R = T>(source: Observable<T>, project: (value: T) => R = (value) => value as unknown as R): R {
  let result: R | undefined;
  let emitted = false;
  source.subscribe((value) => {
    if (!emitted) result = project(value);
    emitted = true;
  });
  if (!emitted) throw new Error('first: nothing was emitted');
  return result as R;
}
