// What holds for all streams of other kinds, in and out: values, ends, errors, leaving, demand over much data.
import { PassThrough, Readable, Transform } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { concat, lastValueFrom, type Observable, of, Subject, reduce, take, throwError } from 'rxjs';
import { ColdObservable } from 'rxjs9';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { concatMapBounded } from '../../src/flow/concatMapBounded.js';
import { type Credit, credit } from '../../src/flow/credit.js';
import type { Demand } from '../../src/flow/demand.js';
import { pull } from '../../src/flow/pull.js';
import * as streams from '../../src/streams.js';
import { all, outcome } from '../source/temporary.js';
import { turns } from '../support/leaving.js';
import { until } from '../support/until.js';

const { fromAsyncIterable, fromNative, fromNodeStream, fromWebStream, throughNodeStream, throughWebStream } = streams;
const { toAsyncIterable, toNative, toNodeStream, toWebStream } = streams;

/** What stops the source, and what says when the way back is read. */
interface Brakes {
  readonly credit?: Credit;
  readonly demand?: Demand;
}

/** A source sent out and back in, by each way there is. */
const WAYS: Readonly<Record<string, <T>(source: Observable<T>, brakes?: Brakes) => Observable<T>>> = {
  'an async iterable': (source, { credit, demand } = {}) =>
    fromAsyncIterable(toAsyncIterable(source, { credit }), { demand }),
  'a Web Stream': (source, { credit, demand } = {}) => fromWebStream(toWebStream(source, { credit }), { demand }),
  'Web Streams in between': (source, brakes) => throughWebStream(source, () => new TransformStream(), brakes),
  'a Node stream': (source, { credit, demand } = {}) => fromNodeStream(toNodeStream(source, { credit }), { demand }),
  'a Transform in between': (source, brakes) =>
    throughNodeStream(source, () => new PassThrough({ objectMode: true, highWaterMark: 1 }), brakes),
  'an Observable of RxJS 9': <T>(source: Observable<T>) =>
    fromNative(toNative(source, { Observable: ColdObservable<T> })),
  "the platform's Observable": (source) => fromNative(toNative(source)), // RxJS 9's, where there is none
};

for (const [name, way] of Object.entries(WAYS)) {
  test(`${name}: values and the end come through`, async () => {
    assert.equal(await all(way(of('a', 'b', 'c'))), ['a', 'b', 'c']);
    assert.equal(await all(way(of<string>())), []);
  });

  test(`${name}: an error comes through, after the values before it`, async () => {
    const failing = concat(
      of('a', 'b'),
      throwError(() => new RangeError('it failed')),
    );
    const { values, error } = await outcome(way(failing));
    assert.is(error?.message, 'it failed');
    // Node drops what a destroyed stream has buffered.
    assert.ok(
      values.join('') === 'ab' || (/Node|Transform|Web Streams/.test(name) && 'ab'.startsWith(values.join(''))),
    );
  });

  test(`${name}: leaving early leaves the source`, async () => {
    const values$ = new Subject<number>();
    const seen: number[] = [];
    way(values$)
      .pipe(take(2))
      .subscribe((value) => seen.push(value));
    await turns();
    for (let n = 0; n < 5; n++) {
      values$.next(n);
      await turns();
    }
    await until(() => !values$.observed);
    assert.equal(seen, [0, 1]);
  });

  test(`${name}: leaving before the first value leaves the source`, async () => {
    const values$ = new Subject<number>();
    const subscription = way(values$).subscribe();
    await turns();
    subscription.unsubscribe();
    await until(() => !values$.observed);
  });

  test(`${name}: a source is pulled no faster than it is read, over 200 MiB`, async () => {
    const CHUNK = 64 * 1024;
    const total = 200 * 16; // chunks
    const inFlight = credit({ high: 4 });
    const behind = name.includes('Observable') ? inFlight : credit({ high: 2 }); // a native one passes on the call stack
    const chunk = new Uint8Array(CHUNK);
    let made = 0;
    let read = 0;
    let most = 0;
    function* chunks(): Generator<Uint8Array> {
      for (; made < total; made++) {
        most = Math.max(most, made - read);
        yield chunk;
      }
    }
    const bytes$ = way(pull(chunks, inFlight), { credit: inFlight, demand: behind }).pipe(
      concatMapBounded(behind, async ({ length }) => {
        if (read % 8 === 0) await setImmediate();
        read += 1;
        return length;
      }),
      reduce((sum, length) => sum + length),
    );
    assert.is(await lastValueFrom(bytes$), 200 * 1024 * 1024);
    assert.ok(most > 0 && most <= 12, `${most} chunks were in flight`);
  });
}

test('bytes go through gzip and back, and errors of a transform are errors of the result', async () => {
  const packed$ = throughNodeStream(of('to be ', 'or not to be'), () => createGzip());
  const bytes = await all(throughNodeStream(packed$, () => createGunzip()));
  assert.is(Buffer.concat(bytes).toString(), 'to be or not to be');
  const { error } = await outcome(throughNodeStream(of('not gzip'), () => createGunzip()));
  assert.is(error?.message, 'incorrect header check');
  const failing = new Transform({ transform: (_chunk, _encoding, done) => done(new Error('full')) });
  assert.is((await outcome(throughNodeStream(of('a'), () => failing))).error?.message, 'full');
  const web = await all(
    throughWebStream(
      throughWebStream(of(new TextEncoder().encode('to be')), () => new CompressionStream('gzip')),
      () => new DecompressionStream('gzip'),
    ),
  );
  assert.is(Buffer.concat(web as Uint8Array[]).toString(), 'to be');
});

test('a stream is read once; a function opens one for each subscription', async () => {
  const node$ = fromNodeStream<number>(Readable.from([1, 2]));
  assert.equal(await all(node$), [1, 2]);
  assert.is(
    (await outcome(node$)).error?.message,
    'fromNodeStream: a stream can be read only once; give a function that opens one for each subscription',
  );
  const web$ = fromWebStream(new Response('ab').body!);
  assert.is((await all(web$)).length, 1);
  assert.match((await outcome(web$)).error!.message, /^fromWebStream: a stream can be read only once; give a function/);
  const again$ = fromNodeStream<number>(() => Readable.from([1, 2]));
  assert.equal(
    [await all(again$), await all(again$)],
    [
      [1, 2],
      [1, 2],
    ],
  );
});

test('a stream that something else reads is refused', async () => {
  const web = new Response('ab').body!;
  web.getReader();
  assert.match(
    (await outcome(fromWebStream(web))).error!.message,
    /^fromWebStream: the stream is locked, so something/,
  );
  const node = Readable.from([1]);
  node.on('data', () => undefined);
  assert.match(
    (await outcome(fromNodeStream(node))).error!.message,
    /^fromNodeStream: something else reads the stream/,
  );
});

test('without a credit the values that wait are limited, and the error says what to do', async () => {
  const numbers$ = of(...Array.from({ length: 5 }, (_, i) => i));
  const advice = /values wait for a slower reader; pull the source with a credit and give the same one as \{ credit \}/;
  const calls: Readonly<Record<string, () => Observable<number>>> = {
    toAsyncIterable: () => fromAsyncIterable(toAsyncIterable(numbers$, { limit: 3 })),
    toWebStream: () => fromWebStream(toWebStream(numbers$, { limit: 3 })),
    toNodeStream: () => fromNodeStream(toNodeStream(numbers$, { limit: 3 })),
  };
  for (const [name, call] of Object.entries(calls)) {
    const { error } = await outcome(call());
    assert.match(error!.message, advice);
    assert.ok(error!.message.startsWith(`${name}: 3 `));
  }
  assert.is((await all(fromWebStream(toWebStream(numbers$, { limit: Infinity })))).length, 5);
});

test('nothing is subscribed to before the first read', async () => {
  const values$ = new Subject<number>();
  const [web, node, iterable] = [toWebStream(values$), toNodeStream(values$), toAsyncIterable(values$)];
  await turns();
  assert.not(values$.observed);
  await Promise.all([web.cancel(), iterable.return?.()]);
  node.destroy();
});

test('a Node stream cannot carry null; what is thrown and not an Error becomes one', async () => {
  assert.is(
    (await outcome(fromNodeStream(toNodeStream(of(1, null))))).error?.message,
    'toNodeStream: a Node stream cannot carry null; map it first',
  );
  assert.is((await outcome(fromNodeStream(toNodeStream(throwError(() => 'text'))))).error?.message, 'text');
});

test('bytes of a Node stream that is not in object mode', async () => {
  const stream = toNodeStream(of('a', Buffer.from('b')), { objectMode: false });
  assert.is(Buffer.concat(await all(fromNodeStream(stream))).toString(), 'ab');
});

test('cancelling a Web Stream leaves the source, with a read that is pending too', async () => {
  const values$ = new Subject<number>();
  const reader = toWebStream(values$).getReader();
  const read = reader.read();
  await turns();
  assert.ok(values$.observed);
  await reader.cancel();
  assert.not(values$.observed);
  assert.equal(await read, { value: undefined, done: true });
});

test('observables of one kind are not taken for the other, and a class is asked for where the platform has none', () => {
  assert.throws(
    () => fromNative(of(1) as never),
    /^fromNative: native must be the platform's Observable or one of RxJS 9, got /,
  );
  assert.throws(
    () => toNative(new ColdObservable(() => undefined) as never),
    /^toNative: source must be an observable/,
  );
  const { Observable } = globalThis as { Observable?: unknown };
  try {
    Object.defineProperty(globalThis, 'Observable', { value: undefined, configurable: true, writable: true });
    assert.throws(
      () => toNative(of(1)),
      /^toNative: this platform has no Observable; give the class to use, such as Cold/,
    );
  } finally {
    Object.defineProperty(globalThis, 'Observable', { value: Observable, configurable: true, writable: true });
  }
});

test('a source that emits without end within subscribe stops with its native observer', () => {
  let pulled = 0;
  function* endless(): Generator<number> {
    for (;;) yield pulled++;
  }
  const seen: number[] = [];
  fromNative(toNative(pull(endless), { Observable: ColdObservable<number> }))
    .pipe(take(3))
    .subscribe((value) => seen.push(value));
  assert.equal([seen, pulled], [[0, 1, 2], 3]);
});

test.run();
