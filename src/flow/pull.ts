import { checkDemand } from './checkDemand.js';
import { closeCursor } from './closeCursor.js';
import { show } from '../check/show.js';
import { Observable } from 'rxjs';
import { unlimited, type Demand } from './demand.js';
import { type Cursor, type Later, openCursor, type Pullable, type Step } from './openCursor.js';

/**
 * Emits the items of `source`, pulled one at a time and only while `demand` allows it: all back-pressure starts here.
 *
 * ```
 * demand$:                         -2-----1-2-
 * pull('abc', requested(demand$))  -(ab)--c-|     the end is found by pulling, too
 * ```
 *
 * The cursor is opened at the first unit of demand. At most one `next` is pending. When the subscriber leaves before
 * the end, even while a `next` is pending, `return` is called at once, and what arrives later is dropped. `return` is not
 * called on a cursor that ended or threw. Errors of the cursor and of the demand are errors of the result; a `source`
 * that cannot be pulled is a TypeError. Where `return` throws or rejects, the result has ended already: that error goes to
 * RxJS's `config.onUnhandledError`, or is a warning on the console where no such handler is set, and ends nothing.
 *
 * ```ts
 * import { Subject } from 'rxjs';
 * import { pull, requested } from 'rxrnn';
 *
 * const demand$ = new Subject<number>();
 * pull('abc', requested(demand$)).subscribe((letter) => console.log(letter));
 * demand$.next(2);
 * // -> a
 * // -> b
 * ```
 */
export function pull<T>(source: Pullable<T>, demand: Demand = unlimited): Observable<T> {
  const open = openCursor('pull', source);
  checkDemand('pull', 'demand', demand);

  return new Observable<T>((subscriber) => {
    let cursor: Cursor<T> | undefined;
    let pumping = false; // the loop of `pump` is on the stack: a wake from below falls through to it
    let reading = false; // `next` of the cursor is on the stack: a generator cannot be returned now
    let awaiting = false; // a step is on its way
    let over = false; // the cursor ended, threw or was returned

    subscriber.add(leave);
    subscriber.add(
      demand.connect({
        wake: pump,
        end() {
          subscriber.complete();
        },
        fail(error) {
          subscriber.error(error);
        },
      }),
    );
    pump();

    function pump(): void {
      if (pumping || awaiting) return;
      pumping = true;
      while (!subscriber.closed && demand.take()) {
        try {
          cursor ??= open();
          reading = true;
          const step = cursor.next();
          reading = false;
          if (!isLater(step)) deliver(step);
          else {
            if (subscriber.closed) leave();
            awaiting = true;
            const answer = step.then(arrive, fail); // not `await`: what answers in virtual time stays in virtual time
            if (!(step instanceof Promise)) Promise.resolve(answer).catch(fail); // of a `then` that is async
            if (awaiting) break;
          }
        } catch (error) {
          fail(error);
        }
      }
      pumping = false;
    }

    function deliver(step: Step<T>): void {
      if (typeof step !== 'object' || step === null)
        throw new TypeError(`pull: next must give a step, got ${show(step)}`);
      if (step.done === true) {
        over = true;
        subscriber.complete();
      } else if (subscriber.closed) {
        leave(); // the subscriber left inside `next` of the cursor
      } else {
        subscriber.next(step.value);
      }
    }

    function arrive(step: Step<T>): void {
      awaiting = false;
      const nested = pumping; // a `then` that is not a promise's may answer at once
      pumping = true;
      try {
        deliver(step);
      } catch (error) {
        fail(error); // here as in `pump`: it would reject the promise that `then` made, which nobody reads
      }
      pumping = nested;
      pump();
    }

    function fail(error: unknown): void {
      over = true;
      subscriber.error(error);
    }

    function leave(): void {
      if (over || reading) return;
      over = true;
      closeCursor(cursor);
    }
  });
}

function isLater<T>(step: Step<T> | Later<T>): step is Later<T> {
  return typeof (step as Partial<Later<T>> | null | undefined)?.then === 'function';
}
