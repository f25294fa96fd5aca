import { callable } from '../check/callable.js';
import { from, Observable, type ObservableInput, type OperatorFunction, type Observer } from 'rxjs';
import type { Credit } from './credit.js';
import { checkCredit } from './checkCredit.js';
import { operator } from './operator.js';
import { queue } from './queue.js';

/**
 * Maps each value to an asynchronous result, one value after another and in order, as `concatMap` does, but with a
 * bounded queue: every value that waits or is being worked on is held in `credit`, which stops the source. The call
 * stack is bounded, too.
 *
 * ```
 * source:                              -a-b-------c|
 * project(a), project(b):              ---x|          project(c): (x|), at once
 * concatMapBounded(credit, project):   ----x---x--x|
 * credit.held:                         -1-2-1---0---
 * ```
 *
 * `project` receives the value and its index from 0, and returns a promise, an observable, an array or any iterable.
 * Pull the source with the same credit, or nothing holds it back. An error of the source, of `project` or of an inner
 * ends the result; whatever ends it releases all that it holds. An inner that waits for a *later* value of the same
 * source waits forever once `high` values are held.
 *
 * ```ts
 * import { setTimeout } from 'node:timers/promises';
 * import { credit, pull, concatMapBounded } from 'rxrnn';
 *
 * const inFlight = credit({ high: 2 });
 * const slowly = concatMapBounded(inFlight, (n: number) => setTimeout(1, n * n));
 * pull([1, 2, 3], inFlight)
 *   .pipe(slowly)
 *   .subscribe({ next: console.log, complete: () => console.log('peak', inFlight.peak) });
 * // -> 1
 * // -> 4
 * // -> 9
 * // -> peak 2
 * ```
 */
export function concatMapBounded<T, R>(
  credit: Credit,
  project: (value: T, index: number) => ObservableInput<R>,
): OperatorFunction<T, R> {
  checkCredit('concatMapBounded', 'credit', credit);
  callable('concatMapBounded', 'project', project);
  return operator<T, R>((subscriber) => {
    const waiting = queue<T>();
    let current: T;
    let index = 0;
    let active = false;
    let draining = false;
    let ended = false;

    // Made once per subscription, not once per value; `run` is what RxJS makes of `inner` for this one inner.
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
        credit.release();
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
        credit.hold();
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
        credit.release(left);
      },
    };
  });
}
