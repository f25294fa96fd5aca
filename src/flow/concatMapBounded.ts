import { from, Observable, type ObservableInput, type OperatorFunction, type Observer } from 'rxjs';
import type { Credit } from './credit.js';
import { operator } from './operator.js';
import { queue } from './queue.js';

/**
 * An asynchronous map, one value after another and in order, that holds the ledger's credit for every value that waits
 * or is being worked on: as `concatMap`, but what waits is bounded and the stack is, too.
 *
 * ```
 * source:                    -a-b-------c|
 * project(a), project(b):    ---x|          project(c): (x|), at once
 * concatMapBounded(ledger, project):   ----x---x--x|
 * ledger.held:               -1-2-1---0---
 * ```
 *
 * `project` gets the value and its index from 0, and returns a promise, an observable, an array or any iterable. The
 * source must be pulled by the same ledger, or nothing holds it back. An error of the source, of `project` or of an
 * inner ends the result; whatever ends it gives all its credit back. An inner that waits for a *later* value of the
 * same source waits for ever once `high` values are held.
 *
 * ```ts
 * import { setTimeout } from 'node:timers/promises';
 * import { credit, pull, concatMapBounded } from 'rxrnn';
 *
 * const ledger = credit({ high: 2 });
 * const slowly = concatMapBounded(ledger, (n: number) => setTimeout(1, n * n));
 * pull([1, 2, 3], ledger)
 *   .pipe(slowly)
 *   .subscribe({ next: console.log, complete: () => console.log('peak', ledger.peak) });
 * // -> 1
 * // -> 4
 * // -> 9
 * // -> peak 2
 * ```
 */
export function concatMapBounded<T, R>(
  ledger: Credit,
  project: (value: T, index: number) => ObservableInput<R>,
): OperatorFunction<T, R> {
  return operator<T, R>((subscriber) => {
    const waiting = queue<T>();
    let current: T;
    let index = 0;
    let active = false;
    let draining = false;
    let ended = false;

    // Made once a subscription, not once a value; `run` is what RxJS makes of `inner` for this one inner.
    const inner$ = new Observable<R>((run) => {
      subscriber.add(run); // before it emits: an endless synchronous inner stops with its consumer
      from(project(current, index++)).subscribe(run);
    });
    const inner: Observer<R> = {
      next(result) {
        subscriber.next(result);
      },
      error(error: unknown) {
        subscriber.error(error);
      },
      complete() {
        active = false;
        ledger.release();
        drain();
      },
    };

    function start(value: T): void {
      active = true;
      current = value;
      inner$.subscribe(inner);
    }

    function drain(): void {
      if (draining) return; // an inner that completes at once returns to this loop, and not up the stack
      draining = true;
      while (!active && waiting.length > 0) start(waiting.shift()); // `close` empties the queue
      draining = false;
      if (ended && !active) subscriber.complete();
    }

    return {
      next(value) {
        ledger.hold();
        waiting.push(value);
        drain();
      },
      complete() {
        ended = true;
        drain();
      },
      close() {
        const left = waiting.length + (active ? 1 : 0);
        waiting.clear();
        ledger.release(left);
      },
    };
  });
}
