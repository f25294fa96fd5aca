import { type OperatorFunction, Subject } from 'rxjs';

/** An operator that answers each value at once, as a function: the last of what it emits for a value, if anything. */
export function fed<T, R>(operator: OperatorFunction<T, R>): (value: T) => R | undefined {
  const value$ = new Subject<T>();
  let answer: R | undefined;
  let failure: { readonly error: unknown } | undefined;
  value$.pipe(operator).subscribe({
    next: (result) => (answer = result),
    error: (error: unknown) => (failure = { error }),
  });
  return (value) => {
    answer = undefined;
    value$.next(value);
    if (failure) throw failure.error;
    return answer;
  };
}
