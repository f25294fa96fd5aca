import { Subscription, type Observable } from 'rxjs';
import { checkCredit } from './checkCredit.js';
import type { Credit } from './credit.js';
import { queue } from './queue.js';

/** A pending call of `next`. */
interface Caller<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

/**
 * Makes the values of `source` iterable by `for await`; each stays held in `credit` until the loop asks for the next.
 *
 * ```
 * pull('abcd', credit):             (ab)--c--d--|      high 2, low 1
 * for await (… of iterate(…)):      a-----b--c--d--end
 * ```
 *
 * The source is subscribed to at the first `next`. An error comes after the values before it, once. `return`, which
 * leaving the loop calls, unsubscribes at once and releases all values, even while a `next` is pending. Pull the source
 * with the same credit, or nothing holds it back.
 *
 * ```ts
 * import { credit, iterate, pull } from 'rxrnn';
 *
 * const inFlight = credit({ high: 2 });
 * for await (const letter of iterate(pull('ab', inFlight), inFlight)) console.log(letter, inFlight.held);
 * // -> a 2
 * // -> b 1
 * ```
 */
export function iterate<T>(source: Observable<T>, credit: Credit): AsyncIterableIterator<T, undefined, undefined> {
  checkCredit('iterate', 'credit', credit);
  const values = queue<T>();
  const callers = queue<Caller<T>>(); // never at the same time as values
  let subscription: Subscription | undefined;
  let inHand = 0; // values that the loop has and that are still held
  let over = false;
  let failures: unknown[] = []; // at most one, until a call was rejected with it

  function start(): Subscription {
    return source.subscribe({
      next(value) {
        credit.hold();
        if (callers.length === 0) return values.push(value);
        inHand += 1;
        callers.shift().resolve({ value, done: false });
      },
      error(error: unknown) {
        over = true;
        if (callers.length > 0) callers.shift().reject(error);
        else failures = [error];
        dismiss();
      },
      complete() {
        over = true;
        dismiss();
      },
    });
  }

  function dismiss(): void {
    while (callers.length > 0) callers.shift().resolve({ value: undefined, done: true });
  }

  function leave(): void {
    over = true;
    failures = [];
    subscription?.unsubscribe();
    const left = values.length + inHand;
    values.clear();
    inHand = 0;
    credit.release(left);
    dismiss();
  }

  return {
    next() {
      const done = inHand;
      inHand = 0;
      credit.release(done); // may pull more, into `values`
      if (!over && subscription === undefined) {
        subscription = new Subscription(); // a source may end inside `subscribe`
        subscription.add(start());
      }
      if (values.length > 0) {
        inHand += 1;
        return Promise.resolve({ value: values.shift(), done: false });
      }
      if (failures.length > 0) return Promise.reject(failures.pop());
      if (over) return Promise.resolve({ value: undefined, done: true });
      return new Promise((resolve, reject) => callers.push({ resolve, reject }));
    },
    return() {
      leave();
      return Promise.resolve({ value: undefined, done: true });
    },
    throw(error: unknown) {
      leave();
      return Promise.reject(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
