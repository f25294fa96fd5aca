import { Observable } from 'rxjs';
import { unlimited, type Demand } from './demand.js';
import { open } from './open.js';

/** What a cursor hands over; it is read before the next one is asked for. */
export type Step<T> = IteratorResult<T, unknown>;

/** A step that comes later: a promise, or any object whose `then` answers in a time of its own. */
export interface Later<T> {
  then(arrive: (step: Step<T>) => void, fail: (error: unknown) => void): unknown;
}

/** Anything that hands over one item when asked, at once or later: every iterator is one. */
export interface Cursor<T> {
  next(): Step<T> | Later<T>;
  /**
   * Lets go of what the cursor holds; called at most once, possibly while a `next` is pending. Without an argument: it
   * is declared only because the `return` of a generator has one.
   */
  return?(value?: never): unknown;
}

/** What can be pulled. An iterable is opened by each subscriber; a generator object can be gone through only once. */
export type Pullable<T> = Iterable<T> | AsyncIterable<T> | (() => Cursor<T>);

/**
 * The items of `source`, pulled one at a time and only while `demand` lets it: the one place where back-pressure lives.
 *
 * ```
 * demand$:                         -2-----1-2-
 * pull('abc', requested(demand$))  -(ab)--c-|     the end is found by pulling, too
 * ```
 *
 * The cursor is opened at the first unit of demand. At most one `next` is pending. When the subscriber leaves before
 * the end, also in the middle of a pending `next`, `return` is called at once, and whatever arrives later is dropped.
 * A cursor that ended or threw is not returned. Errors of the cursor and of the demand are errors of the result; a
 * `source` that cannot be pulled is a TypeError.
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
  const opened = open(source, 'pull');

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
          cursor ??= opened();
          reading = true;
          const step = cursor.next();
          reading = false;
          if (!isLater(step)) deliver(step);
          else {
            if (subscriber.closed) leave();
            awaiting = true;
            step.then(arrive, fail); // and not `await`: what answers in virtual time stays in virtual time
            if (awaiting) break;
          }
        } catch (error) {
          fail(error);
        }
      }
      pumping = false;
    }

    function deliver(step: Step<T>): void {
      if (step.done === true) {
        over = true;
        subscriber.complete();
      } else if (subscriber.closed) {
        leave(); // it left inside `next` of the cursor
      } else {
        subscriber.next(step.value);
      }
    }

    function arrive(step: Step<T>): void {
      awaiting = false;
      const nested = pumping; // what is not a promise may answer inside `then`
      pumping = true;
      deliver(step);
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
      cursor?.return?.();
    }
  });
}

function isLater<T>(step: Step<T> | Later<T>): step is Later<T> {
  return typeof (step as Partial<Later<T>>).then === 'function';
}
