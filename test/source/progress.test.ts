import { from, lastValueFrom, tap, throwError, concat, of, take, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles } from '../../src/record/marbles.js';
import { progress } from '../../src/source/progress.js';
import { quick } from './slow.js';
import { outcome } from './temporary.js';

/** A clock that moves a second with each value. */
function seconds(): { now(): number } {
  let now = 0;
  return { now: () => (now += 1000) };
}

marbles('passes everything on', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold(' -a-b-#');
  expectObservable(source.pipe(progress(String, { stream: quick() }))).toBe('-a-b-#');
  expectSubscriptions(source.subscriptions).toBe('^----!');
});

test('prints lines now and then, the first and the last among them', async () => {
  const stream = quick();
  const options = { stream, clock: seconds(), plainPeriod: 3000 };
  await lastValueFrom(from([1, 2, 3, 4, 5, 6]).pipe(progress((n) => `step ${n}`, options)));
  assert.is(stream.text, 'step 1\nstep 4\nstep 6\n');
});

test('the last line is not printed twice', async () => {
  const stream = quick();
  await lastValueFrom(from([1, 2, 3, 4]).pipe(progress(String, { stream, clock: seconds(), plainPeriod: 3000 })));
  assert.is(stream.text, '1\n4\n');
});

test('goes on printing after the clock was set back', async () => {
  const stream = quick();
  const times = [0, 1000, 3000, -3_600_000, -3_599_000, -3_597_000, -3_596_000];
  const clock = { now: () => times.shift()! };
  await lastValueFrom(from([1, 2, 3, 4, 5, 6]).pipe(progress(String, { stream, clock, plainPeriod: 2000 })));
  assert.is(stream.text, '1\n2\n5\n6\n');
});

test('rewrites its line on a terminal, cut to its width with a sign', async () => {
  const stream = Object.assign(quick(), { isTTY: true, columns: 5 });
  await lastValueFrom(from(['a', 'bb', 'too long']).pipe(progress(String, { stream, clock: seconds(), period: 0 })));
  assert.is(stream.text, '\ra\u001B[K\rbb\u001B[K\rtoo…\u001B[K\n');
});

test('a terminal of unknown width, which says 0, has room for 80', async () => {
  const stream = Object.assign(quick(), { isTTY: true, columns: 0 });
  await lastValueFrom(
    from(['x'.repeat(79), 'x'.repeat(80)]).pipe(progress(String, { stream, clock: seconds(), period: 0 })),
  );
  assert.is(stream.text, `\r${'x'.repeat(79)}\u001B[K\r${'x'.repeat(78)}…\u001B[K\n`);
});

test('shows the last value and ends its line after an error', async () => {
  const stream = Object.assign(quick(), { isTTY: true });
  const clock = { now: () => 0 };
  const failing$ = concat(
    of(1, 2),
    throwError(() => new Error('no')),
  );
  await outcome(failing$.pipe(progress(String, { stream, clock })));
  assert.is(stream.text, '\r1\u001B[K\r2\u001B[K\n');
});

test('shows the last value when the consumer leaves', async () => {
  const stream = quick();
  const clock = { now: () => 0 };
  const taken$ = from([1, 2, 3]).pipe(progress(String, { stream, clock }), take(2), toArray());
  assert.equal([await lastValueFrom(taken$), stream.text], [[1, 2], '1\n2\n']);
});

test('nothing comes of nothing', async () => {
  const stream = Object.assign(quick(), { isTTY: true });
  await outcome(from([]).pipe(progress(String, { stream })));
  assert.is(stream.text, '');
});

test('makes text only of what is shown', async () => {
  const texts: number[] = [];
  const text = (n: number): string => {
    texts.push(n);
    return '';
  };
  const values$ = from(Array.from({ length: 100 }, (_, i) => i));
  await lastValueFrom(values$.pipe(progress(text, { stream: quick(), clock: { now: () => 0 } })));
  assert.equal(texts, [0, 99]);
});

test('what text throws is an error', async () => {
  const seen: number[] = [];
  const failing$ = from([1, 2]).pipe(
    progress(
      () => {
        throw new Error('no text');
      },
      { stream: quick() },
    ),
    tap((n) => seen.push(n)),
  );
  assert.equal([(await outcome(failing$)).error?.message, seen], ['no text', []]);
});

test('goes on when nobody reads the line any more', async () => {
  const stream = quick(0);
  const { values } = await outcome(from([1, 2, 3]).pipe(progress(String, { stream, plainPeriod: 0 })));
  assert.equal(values, [1, 2, 3]);
});

test('a period below 0 is refused at once', () => {
  assert.throws(
    () => progress(String, { stream: quick(), plainPeriod: -1 }),
    /progress: plainPeriod must be a number from 0 up, got -1/,
  );
});

test.run();
