import { lastValueFrom, take, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flat } from '../../src/flow/flat.js';
import type { Cursor, Later } from '../../src/flow/openCursor.js';
import { pull } from '../../src/flow/pull.js';
import { marbles } from '../../src/record/marbles.js';
import { spied, turn } from './support.js';

const elements = <T>(chunks: Iterable<ArrayLike<T>>): Promise<T[]> => lastValueFrom(pull(flat(chunks)).pipe(toArray()));

async function* chunks(): AsyncGenerator<number[]> {
  yield [1, 2];
  await turn();
  yield [];
  yield [3];
}

test('elements of chunk after chunk, over empty ones', async () => {
  assert.equal(await elements([[1, 2], [], [], [3], []]), [1, 2, 3]);
  assert.equal(await elements([]), []);
  assert.equal(await elements([[], []]), []);
  assert.equal(await elements([Uint8Array.of(1, 2), Uint8Array.of(3)]), [1, 2, 3]);
  assert.equal(await elements([[undefined], [null]]), [undefined, null]);
});

test('leaves chunks whose cursor has nothing to close', async () => {
  const endless = flat<number>(() => ({ next: () => ({ value: [1, 2, 3], done: false }) }));
  assert.equal(await lastValueFrom(pull(endless).pipe(take(2), toArray())), [1, 2]);
  assert.not.throws(() => endless().return?.());
});

test('each opening starts at the beginning', async () => {
  const open = flat([[1, 2], [3]]);
  assert.equal(await lastValueFrom(pull(open).pipe(toArray())), [1, 2, 3]);
  assert.equal(await lastValueFrom(pull(open).pipe(toArray())), [1, 2, 3]);
});

marbles('a chunk is asked for when the one before is used up', ({ expectObservable, flush }) => {
  const chunks = spied(['ab', '', 'c'], 3);
  expectObservable(pull(flat(() => chunks))).toBe('---(ab)--c--|');
  flush();
  assert.is(chunks.reads, 4);
});

test('chunks of an async generator', async () => {
  assert.equal(await lastValueFrom(pull(flat(chunks)).pipe(toArray())), [1, 2, 3]);
});

test('return is passed on, once, also while a chunk is on its way', async () => {
  const chunks = spied([[1, 2, 3]]);
  pull(flat(() => chunks))
    .pipe(take(2))
    .subscribe();
  assert.is(chunks.returns, 1);
  let returns = 0;
  const late: Cursor<number[]> = { next: () => new Promise(() => undefined), return: () => returns++ };
  const subscription = pull(flat(() => late)).subscribe();
  subscription.unsubscribe();
  assert.is(returns, 1);
});

test('errors of the chunks are errors of the result, at once and later', async () => {
  const steps: Record<string, () => Later<number[]>> = {
    thrown() {
      throw new Error('thrown');
    },
    rejected: () => Promise.reject(new Error('rejected')),
  };
  for (const [name, fail] of Object.entries(steps)) {
    for (const first of [{ value: [1], done: false as const }, Promise.resolve({ value: [], done: false as const })]) {
      let reads = 0;
      let message = '';
      pull(flat<number>(() => ({ next: () => (reads++ === 0 ? first : fail()) }))).subscribe({
        error: (error: Error) => (message = error.message),
      });
      await turn();
      assert.is(message, name);
      assert.is(reads, 2);
    }
  }
});

test('a chunk that has no elements to count is a TypeError, and closes the source once', async () => {
  for (const wrong of [5, null, undefined, {}, { length: -1 }, { length: 0.5 }, { length: '2' }, () => 0, true, 1n]) {
    for (const later of [false, true]) {
      let returns = 0;
      const step = { value: wrong as never, done: false as const };
      const cursor: Cursor<number[]> = { next: () => (later ? Promise.resolve(step) : step), return: () => returns++ };
      const found: unknown[] = [];
      pull(flat(() => cursor)).pipe(take(3)).subscribe({ next: (value) => found.push(value), error: (error: Error) => found.push(error.message) }); // prettier-ignore
      await turn();
      assert.is(found.length, 1);
      assert.match(found[0] as string, /^flat: a chunk must be a list or a string, got /);
      assert.is(returns, 1);
    }
  }
});

test('what cannot be pulled is a TypeError', () => {
  assert.throws(
    () => flat(7 as never),
    /flat: source must be iterable, async iterable or a function that opens a cursor, got \d+/,
  );
});

test.run();
