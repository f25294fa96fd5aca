import { EMPTY, NEVER, Observable, of, Subject, take, toArray, type OperatorFunction } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { operator } from '../../src/flow/operator.js';
import { pull } from '../../src/flow/pull.js';
import { marbles } from '../../src/record/marbles.js';
import { naturals } from './support.js';

/** Numbers the values of each subscription from 0, throws on `!`. */
function numbered(): OperatorFunction<string, string> {
  return operator((subscriber) => {
    let n = 0;
    return {
      next(value) {
        if (value === 'x') throw new RangeError('numbered: x is not wanted');
        subscriber.next(value + String(n++));
      },
    };
  });
}
/** What not to write: the handle of the source comes back only when the source has ended. */
function handWritten(source: Observable<number>): Observable<number> {
  return new Observable((subscriber) => source.subscribe({ next: (value) => subscriber.next(value) }));
}

const values = { a: 'a0', b: 'b1', c: 'c2' };

marbles('emits, and passes the end on', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold('-a-b-c-|');
  expectObservable(source.pipe(numbered())).toBe('-a-b-c-|', values);
  expectSubscriptions(source.subscriptions).toBe('^------!');
});

marbles('empty and never', ({ expectObservable }) => {
  expectObservable(EMPTY.pipe(numbered())).toBe('|');
  expectObservable(NEVER.pipe(numbered())).toBe('-');
});

marbles('an error of the source passes through', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold('-a-#', undefined, new RangeError('source'));
  expectObservable(source.pipe(numbered())).toBe('-a-#', values, new RangeError('source'));
  expectSubscriptions(source.subscriptions).toBe('^--!');
});

marbles('what a handler throws is the error of the result', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold('-a-x-b-|');
  expectObservable(source.pipe(numbered())).toBe('-a-#', values, new RangeError('numbered: x is not wanted'));
  expectSubscriptions(source.subscriptions).toBe('^--!');
});

marbles('leaving in the middle leaves the source', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold('-a-b-c-|');
  expectObservable(source.pipe(numbered()), '----!').toBe('-a-b-', values);
  expectSubscriptions(source.subscriptions).toBe('^---!');
});

marbles('two subscriptions do not share their state', ({ hot, expectObservable }) => {
  const result = hot('-a-b-c-|').pipe(numbered());
  expectObservable(result).toBe('-a-b-c-|', values);
  expectObservable(result, '--^').toBe('---b-c-|', { b: 'b0', c: 'c1' });
});

test('a firehose stops inside its own subscribe, and is closed once', () => {
  let closed = 0;
  const passed: number[] = [];
  const same = operator<number, number>((subscriber) => ({ next: (value) => subscriber.next(value) }));
  pull(naturals(Infinity, () => closed++))
    .pipe(same, same, take(3))
    .subscribe((value) => passed.push(value));
  assert.equal(passed, [0, 1, 2]);
  assert.is(closed, 1);
});

test('control: a hand-written operator does not stop a firehose under take(3)', () => {
  let emitted = 0;
  const firehose = new Observable<number>((subscriber) => {
    while (!subscriber.closed && emitted < 100_000) subscriber.next(emitted++); // endless, were it not for this bound
  });
  firehose.pipe(handWritten, take(3)).subscribe();
  assert.is(emitted, 100_000);
  emitted = 0;
  firehose
    .pipe(
      operator<number, number>((subscriber) => ({ next: (value) => subscriber.next(value) })),
      take(3),
    )
    .subscribe();
  assert.is(emitted, 3);
});

test('error and complete handlers stand in for passing on, and may throw', () => {
  const received: unknown[] = [];
  const tell = { next: (value: string) => received.push(value), error: (error: Error) => received.push(error.message) };
  const last = operator<string, string>((subscriber) => ({
    next: () => undefined,
    error() {
      subscriber.next('mended');
      subscriber.complete();
    },
    complete() {
      throw new Error('at the end');
    },
  }));
  const broken = new Subject<string>();
  broken.pipe(last).subscribe(tell);
  broken.error(new Error('broken'));
  of('a').pipe(last).subscribe(tell);
  const worse = operator<string, string>(() => ({
    next: () => undefined,
    error() {
      throw new Error('worse');
    },
  }));
  const again = new Subject<string>();
  again.pipe(worse).subscribe(tell);
  again.error(new Error('broken'));
  assert.equal(received, ['mended', 'at the end', 'worse']);
});

test('what `observe` throws is the error of the result', () => {
  let message = '';
  of(1)
    .pipe(
      operator<number, number>(() => {
        throw new Error('cannot begin');
      }),
    )
    .subscribe({ error: (error: Error) => (message = error.message) });
  assert.is(message, 'cannot begin');
});

test('close is called once, after the source has closed, however it ends', () => {
  for (const ending of ['complete', 'error', 'unsubscribe', 'take', 'throw'] as const) {
    const log: string[] = [];
    const ends = new Subject<string>();
    const source = new Observable<string>((subscriber) => {
      subscriber.add(ends.subscribe(subscriber));
      return () => log.push('source');
    });
    const stage = operator<string, string>((subscriber) => {
      subscriber.add(() => log.push('added'));
      return {
        next(value) {
          if (ending === 'throw') throw new Error('thrown');
          subscriber.next(value);
        },
        close: () => log.push('close'),
      };
    });
    const result = source.pipe(stage);
    const subscription = (ending === 'take' ? result.pipe(take(1)) : result).subscribe({ error: () => undefined });
    if (ending === 'complete') ends.complete();
    if (ending === 'error') ends.error(new Error('source'));
    if (ending === 'unsubscribe') subscription.unsubscribe();
    if (ending === 'take' || ending === 'throw') ends.next('a');
    subscription.unsubscribe();
    assert.equal(log.toSorted(), ['added', 'close', 'source'], ending);
    if (ending !== 'complete' && ending !== 'error') assert.is(log[0], 'source', ending);
    assert.is(log.indexOf('close') > log.indexOf('added'), true, ending);
  }
});

test('results stay in order with their ends', () => {
  let all: string[] = [];
  of('a', 'b', 'c')
    .pipe(numbered(), toArray())
    .subscribe((values) => (all = values));
  assert.equal(all, ['a0', 'b1', 'c2']);
});

test.run();
