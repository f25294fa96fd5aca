import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { test } from 'uvu';
import { show } from '../check/show.js';
import { compare } from './compare.js';

/**
 * Runs `body` in virtual time, as one test of uvu; where it fails, the test shows the two diagrams, one above the
 * other, and the values of their marbles.
 *
 * ```ts
 * import { scan } from 'rxjs';
 * import { marbles } from 'rxrnn/marbles';
 * import { test } from 'uvu';
 *
 * marbles('scan adds up', ({ cold, expectObservable }) => {
 *   const source = cold('  -a-b-|', { a: 1, b: 2 });
 *   const expected = '     -x-y-|';
 *   expectObservable(source.pipe(scan((sum, n) => sum + n))).toBe(expected, { x: 1, y: 3 });
 * });
 * test.run(); // uvu's, at the end of the file
 * ```
 *
 * ```
 * Expected: -a-b-|
 * Actual:   -a-c-|
 * a := 1
 * b := 3
 * c := 4
 * ```
 *
 * The helpers are those of RxJS's `TestScheduler.run`; a frame is a millisecond. Values are compared as `compare` says:
 * typed arrays by content, errors by name and message. Promises do not follow virtual time, so a `body` that returns
 * one is a TypeError.
 */
export function marbles(name: string, body: (helpers: RunHelpers) => void): void {
  test(name, () => {
    let expectations = 0;
    const scheduler = new TestScheduler((actual, expected) => {
      expectations += 1;
      compare(actual, expected, expectations);
    });
    const result: unknown = scheduler.run(body);
    if (result instanceof Promise) throw new TypeError(`marbles: ${show(name)} must run synchronously, got a promise`);
  });
}
