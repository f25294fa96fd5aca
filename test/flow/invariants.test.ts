// The promises of the whole: chains of everything, not one part alone.
import {
  bufferCount,
  delay,
  filter,
  from,
  lastValueFrom,
  map,
  mergeMap,
  of,
  Subject,
  take,
  toArray,
  type ObservableInput,
  type OperatorFunction,
} from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { yielding } from '../../src/flow/yielding.js';
import { credit, type Credit } from '../../src/flow/credit.js';
import { requested, unlimited } from '../../src/flow/demand.js';
import { flat } from '../../src/flow/flat.js';
import { iterate } from '../../src/flow/iterate.js';
import { operator } from '../../src/flow/operator.js';
import type { Cursor, Pullable } from '../../src/flow/openCursor.js';
import { pull } from '../../src/flow/pull.js';
import { concatMapBounded } from '../../src/flow/concatMapBounded.js';
import { lehmer, naturals, spied, turn } from './support.js';

test('fuzz: no loss, no reordering, bounded in flight, all given back (300 random pipelines)', async () => {
  const random = lehmer(1);
  const below = (n: number): number => Math.floor(random() * n);
  for (let trial = 0; trial < 300; trial++) {
    const items = [...naturals(below(60))];
    const high = 1 + below(6);
    const inFlight = credit({ high, low: below(high) });
    const fan = 1 + below(4);
    const chunked = below(3) === 0;
    const size = 1 + below(5);
    const twice = below(2) === 0;
    const source = chunked ? flat(someAsync(chunksOf(items, 1 + below(7)))) : below(2) === 0 ? items : someAsync(items);
    const soonOrLater = <T>(value: T): ObservableInput<T> =>
      ([of(value), [value], Promise.resolve(value), of(value).pipe(delay(0)), turn().then(() => value)] as const)[
        below(5)
      ] ?? [value];

    const demand = below(2) === 0 ? inFlight : yielding(inFlight, 0.5);
    const batches$ = pull<number>(source, demand).pipe(
      mergeMap((x) => Array.from({ length: fan }, (_, k) => x * fan + k)), // one to many
      filter((x) => x % 3 !== 1), // some to none
      bufferCount(size), // many to one
      concatMapBounded(inFlight, soonOrLater),
    );
    const result$ = (twice ? batches$.pipe(concatMapBounded(inFlight, soonOrLater)) : batches$).pipe(
      mergeMap((batch) => batch),
    );
    const leaveAfter = below(4) === 0 ? below(20) : Infinity;
    const expected = items
      .flatMap((x) => Array.from({ length: fan }, (_, k) => x * fan + k))
      .filter((x) => x % 3 !== 1)
      .slice(0, leaveAfter);

    const got: number[] = [];
    if (below(3) === 0) {
      const values = iterate(result$.pipe(take(leaveAfter)), inFlight);
      for await (const value of values) got.push(value);
    } else {
      got.push(...(await lastValueFrom(result$.pipe(take(leaveAfter), toArray()))));
    }
    const about = `trial ${trial}`;
    assert.equal(got, expected, about);
    assert.is(inFlight.held, 0, about);

    function someAsync<T>(all: readonly T[]): () => Cursor<T> {
      return async function* () {
        for (const item of all) {
          if (random() < 0.3) await Promise.resolve();
          yield item;
        }
      };
    }
  }
});

test('fuzz: at most high - 1 + f are in flight (200 random pipelines)', async () => {
  const random = lehmer(2);
  const below = (n: number): number => Math.floor(random() * n);
  for (let trial = 0; trial < 200; trial++) {
    const high = 1 + below(6);
    const inFlight = credit({ high, low: below(high) });
    const fan = 1 + below(5);
    let inners = 0;
    const result$ = pull(naturals(below(80)), inFlight).pipe(
      mergeMap((x) => Array.from({ length: fan }, () => x)),
      concatMapBounded(inFlight, (x) => {
        inners += 1;
        assert.is(inners, 1); // one inner at a time
        const finish = <T>(value: T): T => {
          inners -= 1;
          return value;
        };
        return below(2) === 0 ? of(x).pipe(map(finish)) : turn().then(() => finish(x));
      }),
    );
    await lastValueFrom(result$, { defaultValue: 0 });
    assert.ok(inFlight.peak <= high - 1 + fan, `trial ${trial}: peak ${inFlight.peak}, high ${high}, f ${fan}`);
    assert.is(inFlight.held, 0);
  }
});

test('a firehose under take(3) stops in every part of ours, and is closed once', async () => {
  const parts: Record<string, (source: Pullable<number>, inFlight: Credit) => Promise<number[]>> = {
    pull: (source) => lastValueFrom(pull(source).pipe(take(3), toArray())),
    credit: (source, inFlight) => lastValueFrom(pull(source, inFlight).pipe(take(3), toArray())),
    requested: (source) => lastValueFrom(pull(source, requested(of(Infinity))).pipe(take(3), toArray())),
    yielding: (source) => lastValueFrom(pull(source, yielding(unlimited)).pipe(take(3), toArray())),
    operator: (source) => {
      const same = operator<number, number>((subscriber) => ({ next: (value) => subscriber.next(value) }));
      return lastValueFrom(pull(source).pipe(same, take(3), toArray()));
    },
    concatMapBounded: (source, inFlight) => {
      const stage = concatMapBounded<number, number>(inFlight, (x) => [x]);
      return lastValueFrom(pull(source, inFlight).pipe(stage, stage, take(3), toArray()));
    },
    'concatMapBounded later': (source, inFlight) => {
      const stage = concatMapBounded<number, number>(inFlight, (x) => Promise.resolve(x));
      return lastValueFrom(pull(source, inFlight).pipe(stage, take(3), toArray()));
    },
    iterate: async (source, inFlight) => {
      const got: number[] = [];
      for await (const x of iterate(pull(source, inFlight).pipe(take(3)), inFlight)) got.push(x);
      return got;
    },
    'iterate, break': async (source, inFlight) => {
      const got: number[] = [];
      for await (const x of iterate(pull(source, inFlight), inFlight)) if (got.push(x) === 3) break;
      return got;
    },
  };
  for (const [name, run] of Object.entries(parts)) {
    const inFlight = credit({ high: 4, low: 2 });
    let closed = 0;
    const cursor = spied(naturals(Infinity, () => closed++));
    assert.equal(await run(() => cursor, inFlight), [0, 1, 2], name);
    assert.is(closed, 1, name);
    assert.is(cursor.returns, 1, name);
    assert.ok(cursor.reads <= 8, `${name}: ${cursor.reads} reads`);
    assert.is(inFlight.held, 0, name);
  }
  let chunks = 0;
  const endless = flat(
    (function* () {
      for (;;) yield [chunks++, 0];
    })(),
  );
  assert.equal(await lastValueFrom(pull(endless).pipe(take(3), toArray())), [0, 0, 1]);
  assert.is(chunks, 2);
});

test('errors from everywhere arrive once, release all credit and return the cursor', async () => {
  const places = [
    'cursor',
    'cursor later',
    'stage',
    'operator',
    'project',
    'inner',
    'inner later',
    'demand$',
    'consumer',
  ] as const;
  for (const place of places) {
    const inFlight = credit({ high: 4, low: 2 });
    const demand$ = new Subject<number>();
    const boom = new Error(place);
    let returns = 0;
    let i = 0;
    const open = (): Cursor<number> => ({
      next() {
        if (i === 5 && place === 'cursor') throw boom;
        if (i === 5 && place === 'cursor later') return Promise.reject(boom);
        if (i === 5 && place === 'demand$') demand$.error(boom);
        return { value: i++, done: false };
      },
      return: () => returns++,
    });
    const demand = place === 'demand$' ? requested(demand$) : inFlight;
    const result$ = pull(open, demand).pipe(
      map((x) => {
        if (x === 5 && place === 'stage') throw boom;
        return x;
      }),
      operator<number, number>((subscriber) => ({
        next(x) {
          if (x === 5 && place === 'operator') throw boom;
          subscriber.next(x);
        },
      })),
      concatMapBounded(inFlight, (x) => {
        if (x === 5 && place === 'project') throw boom;
        if (x === 5 && place === 'inner') return from(Promise.reject(boom));
        if (x === 5 && place === 'inner later') return turn().then(() => Promise.reject(boom));
        return x % 2 === 0 ? [x] : Promise.resolve(x);
      }),
    );
    let received = 0;
    let last = -1;
    if (place === 'consumer') {
      try {
        for await (const x of iterate(result$, inFlight)) {
          last = x;
          if (x === 5) throw boom;
        }
      } catch (error) {
        assert.is(error, boom);
        received += 1;
      }
    } else {
      await new Promise<void>((resolve) => {
        result$.subscribe({
          next: (x) => (last = x),
          error(error: unknown) {
            assert.is(error, boom, place);
            received += 1;
            resolve();
          },
        });
        if (place === 'demand$') demand$.next(Infinity);
      });
      await turn();
    }
    assert.is(received, 1, place);
    assert.ok(last <= 5, place);
    assert.is(inFlight.held, 0, place);
    assert.is(returns, place.startsWith('cursor') ? 0 : 1, place);
  }
});

test('256 MiB from a generator and a slow consumer: a few chunks in flight, memory flat', async () => {
  const size = 64 * 1024;
  const total = (256 * 1024 * 1024) / size;
  let open = 0; // chunks that were made and not yet consumed
  let most = 0;
  const inFlight = credit({ high: 8, low: 4 });
  function* chunks(): Generator<Uint8Array> {
    for (let i = 0; i < total; i++) {
      open += 1;
      most = Math.max(most, open);
      yield new Uint8Array(size).fill(i);
    }
  }
  let bytes = 0;
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let peak = before;
  const consume = concatMapBounded<Uint8Array, number>(inFlight, async (chunk) => {
    await turn();
    bytes += chunk.length;
    open -= 1;
    if (bytes % (16 * 1024 * 1024) === 0) peak = Math.max(peak, process.memoryUsage.rss());
    return chunk.length;
  });
  await lastValueFrom(pull(chunks, inFlight).pipe(consume));
  assert.is(bytes, 256 * 1024 * 1024);
  assert.is(inFlight.peak, 8);
  assert.is(most, 8);
  assert.ok(peak - before < 128 * 1024 * 1024, `resident memory grew by ${(peak - before) >> 20} MiB`);
});

/** How many values come where the consumer asks for one more at each that it gets. */
function countByRequest(gather: OperatorFunction<number, unknown>): number {
  const demand$ = new Subject<number>();
  let n = 0;
  const subscription = pull(naturals(100), requested(demand$))
    .pipe(gather)
    .subscribe(() => {
      n += 1;
      demand$.next(1);
    });
  demand$.next(1);
  subscription.unsubscribe();
  return n;
}

test('control: request(1) below an operator that drops or gathers runs dry; credit does not', async () => {
  assert.is(countByRequest(map((x) => x)), 100);
  assert.is(countByRequest(filter((x) => x % 2 === 0)), 1); // its request brings 1, which is dropped: nobody asks again
  assert.is(countByRequest(bufferCount(8)), 0);
  const inFlight = credit({ high: 2, low: 1 });
  const gathered$ = pull(naturals(100), inFlight).pipe(
    filter((x) => x % 2 === 0),
    bufferCount(8),
    concatMapBounded(inFlight, (batch) => turn().then(() => batch.length)),
    toArray(),
  );
  assert.equal(await lastValueFrom(gathered$), [8, 8, 8, 8, 8, 8, 2]);
});

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size));
  return chunks;
}

test.run();
