import { setTimeout as sleep } from 'node:timers/promises';
import { config, lastValueFrom, type Observable, Subscription, take, tap, timeout, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flat } from '../../src/flow/flat.js';
import type { Cursor, Pullable } from '../../src/flow/openCursor.js';
import { pull } from '../../src/flow/pull.js';
import { shuffleIterable } from '../../src/flow/shuffleIterable.js';
import { seeded } from '../../src/random/seeded.js';
import { parseChunks } from '../../src/source/parseChunks.js';
import { PATIENCE, until } from '../support/until.js';

const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason)).on('uncaughtException', (error) => unhandled.push(error)); // prettier-ignore

let failures = 0;
function failure(): Error {
  return new Error(`closing ${failures++}`);
}

function* now(): Generator<number> {
  try {
    for (;;) yield 1;
  } finally {
    throw failure(); // oxlint-disable-line no-unsafe-finally -- that is what is tried
  }
}

async function* later(): AsyncGenerator<number> {
  try {
    for (;;) yield 1;
  } finally {
    throw failure(); // oxlint-disable-line no-unsafe-finally -- that is what is tried
  }
}

function byHand(ends: () => unknown, next: () => unknown = () => ({ value: 1, done: false })): Pullable<number> {
  return (() => ({ next, return: ends })) as Pullable<number>;
}

/** A cursor of the same, but for a `return` that throws when it is read. */
function unreadable(of: (ends: () => unknown) => Pullable<number>): () => Cursor<number> {
  const open = of(() => 0) as () => Cursor<number>;
  return () => Object.defineProperty(open(), 'return', { get: () => { throw failure(); } }); // prettier-ignore
}

/** A parser of one number per chunk. */
function one(): { push(chunk?: number): void; take(): number | undefined } {
  let held: number | undefined;
  return {
    push: (chunk) => (held = chunk),
    take() {
      const value = held;
      held = undefined;
      return value;
    },
  };
}

/** Sources whose `return` fails, in every way that it can. */
const SOURCES: Readonly<Record<string, () => Observable<number>>> = {
  'a generator': () => pull(now()),
  'an async generator': () => pull(later()),
  'a cursor that throws': () => pull(byHand(() => { throw failure(); })), // prettier-ignore
  'a cursor whose promise is rejected': () => pull(byHand(() => Promise.reject(failure()))),
  'a cursor with a thenable that fails at once': () =>
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tried
    pull(byHand(() => ({ then: (_: unknown, fail: (error: Error) => void) => fail(failure()) }))),
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tried
  'a cursor with a thenable that throws': () => pull(byHand(() => ({ then() { throw failure(); } }))), // prettier-ignore
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tried
  'a cursor with a thenable whose then is async': () => pull(byHand(() => ({ async then() { throw failure(); } }))), // prettier-ignore
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tried
  'a cursor with a then that cannot be read': () => pull(byHand(() => ({ get then() { throw failure(); } }))), // prettier-ignore
  'a return that cannot be read': () => pull(unreadable(byHand)),
  'an iterable whose return cannot be read': () => pull({ [Symbol.iterator]: unreadable(byHand) } as Iterable<number>),
  'chunks made flat, whose return cannot be read': () => pull(flat(unreadable(() => byHand(() => 0, () => ({ value: [1, 1], done: false }))) as unknown as Pullable<number[]>)), // prettier-ignore
  'values that are shuffled': () => pull(() => shuffleIterable(now(), { size: 1, random: seeded(1) })),
  'values that are shuffled, of a promise that is rejected': () => pull(() => shuffleIterable({ [Symbol.iterator]: byHand(() => Promise.reject(failure())) } as Iterable<number>, { size: 1, random: seeded(1) })), // prettier-ignore
  'chunks made flat': () => pull(flat(byHand(() => Promise.reject(failure()), () => ({ value: [1, 1], done: false })) as unknown as Pullable<number[]>)), // prettier-ignore
  'chunks that are parsed': () => pull(parseChunks(() => later(), one)),
  'chunks that are parsed at once': () => pull(parseChunks(() => now(), one)),
};

for (const [name, source] of Object.entries(SOURCES)) {
  test(`${name} that fails to close ends nothing, and the error goes where late errors go`, async () => {
    failures = 0;
    const reported: string[] = [];
    config.onUnhandledError = (error: Error) => reported.push(error.message);
    try {
      assert.equal(await lastValueFrom(source().pipe(take(4), toArray())), [1, 1, 1, 1]);
      await until(() => reported.length > 0);
      assert.equal([failures, reported, unhandled], [1, ['closing 0'], []]);
    } finally {
      config.onUnhandledError = null;
    }
  });
}

test('1,000 cancellations with failing iterators: nothing unhandled, each failure reported once', async () => {
  failures = 0;
  let reported = 0;
  config.onUnhandledError = () => reported++;
  const sources = Object.values(SOURCES);
  try {
    const runs = Array.from({ length: 1000 }, async (_, i) => {
      const source$ = sources[i % sources.length]!();
      if (i % 4 === 0) return lastValueFrom(source$.pipe(take(1 + (i % 7))));
      if (i % 4 === 1) return lastValueFrom(source$.pipe(take(3), timeout(PATIENCE)));
      let count = 0;
      const subscription = new Subscription();
      const left$ = source$.pipe(
        take(50),
        tap(() => ++count === i % 40 && subscription.unsubscribe()),
      );
      subscription.add(left$.subscribe());
      await Promise.resolve();
      subscription.unsubscribe();
      return count;
    });
    await Promise.all(runs);
    await until(() => reported >= failures);
    assert.equal([unhandled, reported], [[], failures]);
    assert.ok(failures > 900, `${failures} failures`);
  } finally {
    config.onUnhandledError = null;
  }
});

for (const [name, wrong] of Object.entries({ number: 5, text: 'x', object: {}, symbol: Symbol('x') })) {
  test(`a return that is a ${name} is reported as one that throws`, async () => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error: unknown) => reported.push(error);
    const cursor = () => ({ next: () => ({ value: [1, 1], done: false }), return: wrong }) as never;
    try {
      for (const source$ of [pull(cursor), pull({ [Symbol.iterator]: cursor } as never), pull(flat(cursor))]) {
        assert.is((await lastValueFrom(source$.pipe(take(2), toArray()))).length, 2);
      }
      await until(() => reported.length === 3);
      assert.ok(reported.every((error) => error instanceof TypeError && /is not a function/.test(error.message)));
      assert.equal(unhandled, []);
    } finally {
      config.onUnhandledError = null;
    }
  });
}

test('a step whose then is async and fails is the error of the result', async () => {
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tried
  const step = { async then() { throw new Error('no step'); } }; // prettier-ignore
  const error: unknown = await lastValueFrom(pull(byHand(() => undefined, () => step))).catch((error: unknown) => error); // prettier-ignore
  assert.is((error as Error).message, 'no step');
  assert.equal(unhandled, []);
});

test('without a handler it is a warning on the console, which no control character leaves', async () => {
  const warned: unknown[] = [];
  const { warn } = console;
  console.warn = (text: unknown) => warned.push(text);
  try {
    const cursor = byHand(() => Promise.reject(new Error('disk \u001b[31mgone')));
    await lastValueFrom(pull(cursor).pipe(take(1)));
    await until(() => warned.length > 0);
  } finally {
    console.warn = warn;
  }
  assert.equal(warned, ['rxrnn: the source failed while it was being closed: disk \\u001b[31mgone']);
  assert.equal(unhandled, []);
});

test('a teardown of the subscriber’s own that throws at the end rejects no promise either', async () => {
  async function* finite(): AsyncGenerator<number> {
    yield 1;
  }
  let closed = 0;
  pull(finite())
    .subscribe()
    .add(() => {
      closed++;
      throw failure();
    });
  await sleep(10);
  assert.equal([closed, unhandled], [1, []]);
});

test.run();
