import { Subject, take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requested } from '../../src/flow/demand.js';
import { pushSource, type PushSourceOptions } from '../../src/streams/pushSource.js';
import { turns } from '../support/leaving.js';

/** A source of which nothing is asked yet, and what comes of it. */
function watched(options: PushSourceOptions<string>) {
  const demand$ = new Subject<number>();
  const dropped: string[] = [];
  const seen: string[] = [];
  const source = pushSource<string>({
    limit: 2,
    onDrop: (value) => dropped.push(value),
    demand: requested(demand$),
    ...options,
  });
  source.values$.subscribe({
    next: (value) => seen.push(value),
    error: (error: Error) => seen.push(error.message),
    complete: () => seen.push('end'),
  });
  return { source, demand$, dropped, seen };
}

for (const [overflow, taken, seen, dropped] of [
  ['dropOldest', [true, true, false, false], ['c', 'd', 'end'], ['a', 'b']],
  ['dropNewest', [true, true, false, false], ['a', 'b', 'end'], ['c', 'd']],
] as const) {
  test(`${overflow}: what does not fit is dropped, and shown`, () => {
    const run = watched({ overflow });
    assert.equal(
      ['a', 'b', 'c', 'd'].map((letter) => run.source.push(letter)),
      taken,
    );
    run.source.complete();
    run.demand$.next(9);
    assert.equal([run.seen, run.dropped], [seen, dropped]);
  });
}

test('error: one too many fails the stream, after the values that wait', () => {
  const { source, demand$, seen } = watched({});
  assert.equal(
    ['a', 'b', 'c', 'd'].map((letter) => source.push(letter)),
    [true, true, false, false],
  );
  assert.ok(source.closed);
  demand$.next(9);
  assert.equal(seen, [
    'a',
    'b',
    'pushSource: 2 values wait for a slower reader, and "c" is one more; choose what to drop by { overflow }, or allow ' +
      'more by { limit }',
  ]);
});

test('block: a push waits for its place, in order, and the end comes after those that wait', async () => {
  const demand$ = new Subject<number>();
  const seen: unknown[] = [];
  const source = pushSource<number>({ limit: 2, overflow: 'block', demand: requested(demand$) });
  source.values$.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('end') });
  const placed: number[] = [];
  for (const value of [1, 2, 3, 4]) {
    void source.push(value).then((taken) => taken && placed.push(value));
  }
  source.complete();
  assert.is(await source.push(5), false); // after the end
  await turns();
  assert.equal([placed, seen, source.waiting], [[1, 2], [], 4]);
  demand$.next(1);
  await turns();
  assert.equal([placed, seen], [[1, 2, 3], [1]]);
  demand$.next(9);
  await turns();
  assert.equal(
    [placed, seen],
    [
      [1, 2, 3, 4],
      [1, 2, 3, 4, 'end'],
    ],
  );
});

test('block: a producer that does not wait is refused', async () => {
  const source = pushSource<number>({ limit: 1, overflow: 'block' });
  void source.push(1);
  const waits = source.push(2);
  let error: Error | undefined;
  await source.push(3).catch((thrown: Error) => (error = thrown));
  assert.match(
    error!.message,
    /^pushSource: 1 pushes wait already; wait for the promise of each push before the next$/,
  );
  const seen: number[] = [];
  source.values$.pipe(take(1)).subscribe((value) => seen.push(value));
  assert.equal([seen, await waits], [[1], true]);
});

test('block: when the reader leaves, those that wait are released', async () => {
  const source = pushSource<number>({ limit: 1, overflow: 'block' });
  const pushes = [source.push(1), source.push(2)];
  source.values$.pipe(take(1)).subscribe();
  assert.is(await pushes[0], true);
  await pushes[1];
  assert.ok(source.closed);
  assert.is(await source.push(3), false);
});

test('values before the subscription wait; an error comes after them; one reader', () => {
  const source = pushSource<number>();
  source.push(1);
  source.error(new Error('it failed'));
  assert.is(source.push(2), false);
  const seen: unknown[] = [];
  source.values$.subscribe({ next: (value) => seen.push(value), error: ({ message }: Error) => seen.push(message) });
  assert.equal(seen, [1, 'it failed']);
  source.values$.subscribe({ error: ({ message }: Error) => seen.push(message) });
  assert.is(seen[2], 'pushSource: values$ can be subscribed to once; share() it for several readers');
});

test('after the reader has left nothing is taken', () => {
  const source = pushSource<number>();
  const subscription = source.values$.subscribe();
  assert.ok(source.push(1));
  subscription.unsubscribe();
  assert.ok(source.closed);
  assert.is(source.push(2), false);
});

test('options that cannot be met are refused', () => {
  assert.throws(() => pushSource({ limit: 0 }), /^pushSource: limit must be a positive integer, got 0$/);
  assert.throws(
    () => pushSource({ overflow: 'drop' as never }),
    /^pushSource: overflow must be one of error, dropOldest, dropNewest, block, got "drop"$/,
  );
});

test.run();
