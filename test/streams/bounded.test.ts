import { NEVER, Subject } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requested } from '../../src/flow/demand.js';
import { marbles } from '../../src/record/marbles.js';
import { bounded } from '../../src/streams/bounded.js';

for (const [overflow, expected] of [
  ['dropOldest', '         --a----(cd)-|'],
  ['dropNewest', '         --a----(bc)-|'],
] as const) {
  marbles(`passes on by demand, ${overflow}`, ({ cold, expectObservable, hot }) => {
    const source = hot('   -abcd-------|');
    const demand = cold('  --1----2----1', { 1: 1, 2: 2 }); // the end is found by pulling, too
    expectObservable(source.pipe(bounded({ limit: 2, overflow, demand: requested(demand) }))).toBe(expected);
  });
}

test('an overflow stops the source at once, and the error comes after the values that wait', () => {
  const source$ = new Subject<string>();
  const demand$ = new Subject<number>();
  const seen: string[] = [];
  source$.pipe(bounded({ limit: 1, demand: requested(demand$) })).subscribe({
    next: (value) => seen.push(value),
    error: ({ message }: Error) => seen.push(message),
  });
  source$.next('a');
  assert.ok(source$.observed);
  source$.next('b');
  assert.not(source$.observed);
  demand$.next(2);
  assert.is(seen[0], 'a');
  assert.match(seen[1]!, /^bounded: 1 values wait for a slower reader, and "b" is one more; choose what to drop/);
});

test('leaving while nothing is asked leaves the source', () => {
  const source$ = new Subject<string>();
  const subscription = source$.pipe(bounded({ demand: requested(NEVER) })).subscribe();
  subscription.unsubscribe();
  assert.not(source$.observed);
});

test.run();
