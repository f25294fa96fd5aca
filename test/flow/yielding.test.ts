import { ignoreElements, lastValueFrom, NEVER, of, repeat, Subscription, timer, type SchedulerLike } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { yielding } from '../../src/flow/yielding.js';
import { credit } from '../../src/flow/credit.js';
import { requested, unlimited } from '../../src/flow/demand.js';
import { pull } from '../../src/flow/pull.js';
import { concatMapBounded } from '../../src/flow/concatMapBounded.js';
import { marbles } from '../../src/record/marbles.js';
import { LARGE } from '../support/large.js';
import { naturals, spied } from './support.js';

/** A scheduler whose clock moves only by hand; a pause ends when `resume` is called. */
interface ManualClock extends SchedulerLike {
  time: number;
  pauses: number;
  /** How often the clock was looked at. */
  looks: number;
  /** Whether a pause has yet to end. */
  readonly pausing: boolean;
  resume(): void;
}

function clock(): ManualClock {
  let work: (() => void) | undefined;
  function schedule(next: () => void): Subscription {
    hand.pauses += 1;
    work = next;
    return new Subscription(() => (work = undefined));
  }
  const hand: ManualClock = {
    time: 0,
    pauses: 0,
    looks: 0,
    get pausing() {
      return work !== undefined;
    },
    now() {
      hand.looks += 1;
      return hand.time;
    },
    schedule: schedule as SchedulerLike['schedule'],
    resume() {
      const next = work;
      work = undefined;
      next?.();
    },
  };
  return hand;
}

/** Items that take `cost` milliseconds each, in runs between pauses. */
function runs(total: number, slice: number, cost: (i: number) => number): number[] {
  const hand = clock();
  const lengths: number[] = [];
  let length = 0;
  pull(naturals(total), yielding(unlimited, slice, hand)).subscribe((i) => {
    hand.time += cost(i);
    length += 1;
  });
  while (length > 0) {
    lengths.push(length);
    length = 0;
    hand.resume();
  }
  return lengths;
}

test('tokens of a microsecond pause once in a slice', () => {
  const lengths = runs(200_000, 16, () => 0.001);
  assert.is(lengths.length, 13); // 200 ms in slices of 16
  for (const length of lengths.slice(0, -1)) assert.ok(length >= 16_000 && length <= 16_064, String(length));
});

test('windows that fill a slice pause after every one', () => {
  assert.equal(
    runs(6, 16, () => 20),
    [1, 1, 1, 1, 1, 1],
  );
  for (const length of runs(60, 16, () => 9)) assert.ok(length <= 2);
});

test('a window that fills a slice to the millisecond pauses', () => {
  assert.equal(
    runs(3, 16, () => 16),
    [1, 1, 1],
  );
});

test('where items are quick, the clock is looked at once in 64', () => {
  const hand = clock();
  pull(naturals(6400), yielding(unlimited, 16, hand)).subscribe(() => (hand.time += 0.001));
  assert.ok(hand.looks <= 6400 / 64 + 10, `${hand.looks} looks`);
});

test('when tokens turn into windows, one pause is late by at most 64 items', () => {
  const lengths = runs(2000, 16, (i) => (i < 1000 ? 0.001 : 9));
  const [first = 0, ...others] = lengths;
  assert.ok(first <= 1000 + 64, String(first));
  for (const length of others) assert.ok(length <= 2, String(length));
});

test('a clock set back an hour delays one pause by a slice at most, and none after', () => {
  const hour = 3_600_000;
  for (const at of [0, 7, 40, 41]) {
    const lengths = runs(100, 16, (i) => (i === at ? 1 - hour : 1));
    assert.ok(Math.max(...lengths) <= 40, `${at}: ${lengths.join(' ')}`);
    assert.ok(lengths.slice(0, -1).filter((length) => length > 20).length <= 1, `${at}: ${lengths.join(' ')}`);
    assert.ok(lengths.length >= 5, `${at}: ${lengths.join(' ')}`);
  }
});

test('timers fire while millions of synchronous tokens pass; without, none does', async () => {
  const tokens = 5 * LARGE;
  let ticks = 0;
  const metronome = setInterval(() => (ticks += 1), 1);
  await lastValueFrom(pull(() => naturals(tokens)));
  const without = ticks;
  ticks = 0;
  await lastValueFrom(pull(() => naturals(tokens), yielding(unlimited, 4)));
  clearInterval(metronome);
  assert.is(without, 0);
  assert.ok(ticks >= 3, `${ticks} ticks`);
});

marbles('in virtual time nothing passes between two items, so it never pauses', ({ expectObservable }) => {
  expectObservable(pull('abc', yielding(unlimited, 1))).toBe('(abc|)');
});

marbles('with a slow cursor it pauses a turn at most, and loses nothing', ({ expectObservable }) => {
  expectObservable(pull(() => spied('abcd', 3), yielding(unlimited, 2))).toBe('---a--b--c--d--|');
});

marbles('the demand within is obeyed', ({ cold, expectObservable }) => {
  const demand$ = cold('  -a-----b-----a|', { a: 1, b: 2 });
  const expected = '      -a-----(bc)--|';
  expectObservable(pull('abc', yielding(requested(demand$), 4))).toBe(expected);
});

marbles('a credit within: paced by the stage', ({ expectObservable, flush }) => {
  const inFlight = credit({ high: 2, low: 1 });
  const stage = concatMapBounded<string, never>(inFlight, () => timer(3).pipe(ignoreElements()));
  expectObservable(pull('abcd', yielding(inFlight)).pipe(stage)).toBe('12ms |');
  flush();
  assert.is(inFlight.held, 0);
});

test('leaving in a pause takes its timer back and pulls nothing more', () => {
  const hand = clock();
  const cursor = spied(naturals());
  const subscription = pull(() => cursor, yielding(unlimited, 1, hand)).subscribe(() => (hand.time += 1));
  assert.is(hand.pauses, 1);
  const reads = cursor.reads;
  assert.ok(hand.pausing);
  subscription.unsubscribe();
  assert.not(hand.pausing);
  hand.resume();
  assert.is(cursor.reads, reads);
  assert.is(cursor.returns, 1);
});

test('serves one source after another, and so does the demand within', () => {
  const breathing = yielding(credit(), 16, clock());
  for (let i = 0; i < 2; i++) {
    let got = '';
    pull('abc', breathing).subscribe((letter) => (got += letter));
    assert.is(got, 'abc');
  }
});

test('a wake during a pause waits for its end', () => {
  const hand = clock();
  const inFlight = credit({ high: 2, low: 0 });
  const got: number[] = [];
  pull(naturals(9), yielding(inFlight, 1, hand)).subscribe((i) => {
    got.push(i);
    inFlight.hold();
    hand.time += 2;
  });
  assert.equal(got, [0]);
  inFlight.hold();
  inFlight.release(2); // wakes
  assert.equal(got, [0]);
  hand.resume();
  assert.equal(got, [0, 1]);
});

test('values and misuse', () => {
  for (const slice of [0, -1, NaN]) {
    assert.throws(
      () => yielding(unlimited, slice),
      (error: Error) =>
        error instanceof RangeError && error.message === `yielding: slice must be a positive number, got ${slice}`,
    );
  }
  const demand = yielding(requested(NEVER));
  const first = pull('ab', demand).subscribe();
  let message = '';
  pull('ab', demand).subscribe({ error: (error: Error) => (message = error.message) });
  assert.is(message, 'yielding: already feeds a source; make one for each pipeline');
  first.unsubscribe();
  let n = 0;
  pull('ab', yielding(requested(of(3)))).subscribe(() => n++);
  assert.is(n, 2);
});

test('a slice goes on over many short passes', () => {
  const hand = clock();
  let passes = 0;
  pull([1], yielding(unlimited, 16, hand))
    .pipe(repeat(40))
    .subscribe(() => {
      passes += 1;
      hand.time += 1;
    });
  assert.is(hand.pauses, 1);
  assert.ok(passes >= 16 && passes < 40, `${passes} passes`);
  hand.resume();
  assert.ok(passes > 16);
});

test.run();
