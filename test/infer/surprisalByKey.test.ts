import * as fc from 'fast-check';
import {
  asapScheduler,
  asyncScheduler,
  concat,
  from,
  map,
  mergeMap,
  of,
  type OperatorFunction,
  pipe,
  queueScheduler,
  type SchedulerLike,
  Subject,
  take,
  tap,
  throwError,
} from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unlimited } from '../../src/flow/demand.js';
import { pull } from '../../src/flow/pull.js';
import { yielding } from '../../src/flow/yielding.js';
import type { KeyedToken } from '../../src/infer/surprisalByKey.js';
import type { Session } from '../../src/infer/checkSession.js';
import { surprisal } from '../../src/infer/surprisal.js';
import {
  type InvalidToken,
  type KeyedSurprisal,
  surprisalByKey as byKey,
  type SurprisalByKeyOptions,
} from '../../src/infer/surprisalByKey.js';
import type { Model } from '../../src/model/model.js';
import { stateDict } from '../../src/model/stateDict.js';
import { marbles } from '../../src/record/marbles.js';
import { all, constantModel, kinds, model, SIZE, through, tokens } from './models.js';

type Item = KeyedToken<string>;
type Options = SurprisalByKeyOptions<string>;

/** With a clock on which no work takes long, so that a busy machine makes no turn end early; `byKey` has the real one. */
const surprisalByKey: typeof byKey = (made, options) => {
  const schedule = asapScheduler.schedule.bind(asapScheduler);
  return byKey(made, { scheduler: { now: () => 0, schedule }, ...options });
};

const keyed = (text: string): Item[] =>
  Array.from(text.matchAll(/([a-z])(\d)/g), ([, key, token]) => ({ key: key!, token: Number(token) }));

/** A store of what was evicted, as a user would keep one. */
function store(): Required<Pick<Options, 'evicted' | 'restore'>> & { readonly log: string[] } {
  const known = new Map<string, Session<string>>();
  const log: string[] = [];
  return {
    log,
    evicted(session, reason) {
      known.set(session.key, session);
      log.push(`${session.key} ${reason} ${session.tokens}`);
    },
    restore: (key) => known.get(key),
  };
}

for (const kind of kinds) {
  test(`${kind}: what a key gets is what it would get alone, to the bit, evicted or not`, async () => {
    const made = model(kind, 4);
    const item = fc
      .tuple(fc.constantFrom(...'abcdefg'), fc.integer({ min: 0, max: SIZE - 1 }))
      .map(([key, token]) => ({ key, token }));
    const sizes = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 3 }));
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 60 }), sizes, async (items, [lanes, more]) => {
        const { evicted, restore } = store();
        const options = { lanes, maxSessions: lanes + more, topK: 2, evicted, restore };
        const scored = await through(items, surprisalByKey(made, options));
        assert.equal(
          scored.map(({ key, token }) => ({ key, token })),
          items,
        );
        for (const key of new Set(items.map((one) => one.key))) {
          const own = items.filter((one) => one.key === key).map(({ token }) => token);
          const alone = (await through(own, surprisal(made, { topK: 2 }))).map((one) => ({ key, ...one }));
          assert.equal(
            scored.filter((one) => one.key === key),
            alone,
          );
        }
      }),
      { numRuns: 40 },
    );
  });
}

test('tokens of one key that wait together are looked at a few times each, however many they are', async () => {
  for (const lanes of [16, 512]) {
    let reads = 0;
    const items = Array.from({ length: 512 }, (_, i) => ({
      token: i % SIZE,
      get key() {
        reads += 1;
        return i % 2 === 0 ? 'a' : `b${i % 6}`;
      },
    }));
    const scored = await through(items, surprisalByKey(model(), { lanes, maxSessions: 512 }));
    assert.equal(
      scored.map(({ token }) => token),
      items.map(({ token }) => token),
    );
    assert.ok(reads < 10 * items.length, `${reads} reads of keys in ${lanes} lanes`);
  }
});

/** The lanes of each pass, and the model that tells them. */
function spied(): { made: Model; passes: number[] } {
  const passes: number[] = [];
  const made = model();
  const tape: Model['tape'] = (...sizes) => {
    const tape = made.tape(...sizes);
    const forward = tape.forward.bind(tape);
    return Object.assign(tape, {
      forward: (...args: Parameters<typeof forward>) => {
        passes.push(tape.lanes);
        forward(...args);
      },
    });
  };
  return { made: { ...made, tape }, passes };
}

for (const [text, lanes, expected] of [
  ['a1b1c1d1', 4, [4]],
  ['a1b1c1', 4, [4]], // one lane idle
  ['a1a2a3', 4, [1, 1, 1]],
  ['a1b1a2', 4, [2, 1]],
  ['a1b1c1d1e1', 2, [2, 2, 1]],
] as const) {
  test(`${text} in ${lanes} lanes takes passes of ${expected.join(', ')}`, async () => {
    const { made, passes } = spied();
    await through(keyed(text), surprisalByKey(made, { lanes }));
    assert.equal(passes, expected);
  });
}

marbles('tokens of one turn are scored together, at its end', ({ cold, expectObservable }) => {
  const made = constantModel([0, 0]);
  const a = { key: 'a', token: 0 };
  const b = { key: 'b', token: 1 };
  const scored = { bits: 1, top: [] };
  const values = { a: { ...a, ...scored, rank: 1 }, b: { ...b, ...scored, rank: 2 } };
  expectObservable(cold('-(ab)-a-|', { a, b }).pipe(surprisalByKey(made))).toBe('-(ab)-a-|', values);
  expectObservable(cold('-(ab)-a-#', { a, b }).pipe(surprisalByKey(made))).toBe('-(ab)-a-#', values);
  expectObservable(cold('-(ab|)', { a, b }).pipe(surprisalByKey(made))).toBe('-(ab|)', values);
});

test('what waits is scored before an error', () => {
  const seen: unknown[] = [];
  const { log, ...options } = store();
  concat(
    from(keyed('a1b2')),
    throwError(() => 'broken'),
  )
    .pipe(surprisalByKey(model(), options))
    .subscribe({ next: ({ key }) => seen.push(key), error: (error) => seen.push(error) });
  assert.equal(seen, ['a', 'b', 'broken']);
  assert.equal(log, ['a end 1', 'b end 1']);
});

for (const [text, maxSessions, expected] of [
  ['a1b1c1', 2, ['a count 1', 'b end 1', 'c end 1']],
  ['a1b1a2c1', 2, ['b count 1', 'a end 2', 'c end 1']],
  ['a1b1a2', 1, ['a count 1', 'b count 1', 'a end 2']],
] as const) {
  test(`${text} with ${maxSessions} sessions evicts ${expected.join(', ')}`, async () => {
    const { log, ...options } = store();
    await through(keyed(text), surprisalByKey(model(), { lanes: 1, maxSessions, ...options }));
    assert.equal(log, expected);
  });
}

marbles('a session without tokens is evicted when its time has come', ({ cold, expectObservable }) => {
  const evictions = new Subject<string>();
  const a = { key: 'a', token: 0 };
  const b = { key: 'b', token: 0 };
  const source = cold('-a-b-a----------|', { a, b });
  const options: Options = { idle: 5, evicted: ({ key }, reason) => evictions.next(`${key} ${reason}`) };
  expectObservable(evictions).toBe('--------b-a', { a: 'a idle', b: 'b idle' });
  source.pipe(byKey(constantModel([0]), options)).subscribe();
});

marbles('a session is evicted although the clock was set back', ({ cold, expectObservable }) => {
  const evictions = new Subject<string>();
  let back = 0; // by which the clock was set back
  const scheduler: SchedulerLike = {
    now: () => asyncScheduler.now() - back,
    schedule: (...args: Parameters<SchedulerLike['schedule']>) => asyncScheduler.schedule(...args),
  };
  const items = { a: { key: 'a', token: 0 }, b: { key: 'b', token: 0 }, c: { key: 'c', token: 0 } };
  const source = cold('a-b-----------c-----|', items).pipe(
    tap(({ key }) => {
      if (key === 'b') back = 3_600_000; // when a was read 2 ago
      if (key === 'c') back = 7_200_000;
    }),
  );
  const options: Options = { idle: 4, evicted: ({ key }, reason) => evictions.next(`${key} ${reason}`), scheduler };
  expectObservable(evictions).toBe('------(ab)--------c', { a: 'a idle', b: 'b idle', c: 'c idle' });
  source.pipe(surprisalByKey(constantModel([0]), options)).subscribe();
});

test('an evicted state is not written again, and goes on in a plain surprisal', async () => {
  const made = model('lstm of two layers');
  const text = tokens(20);
  const sessions: Session<string>[] = [];
  const evicted = (session: Session<string>): unknown => sessions.push(session);
  const items = text.slice(0, 9).map((token) => ({ key: 'a', token }));
  await through(items, surprisalByKey(made, { evicted }));
  const [session] = sessions;
  const before = structuredClone(session);
  await through(items, surprisalByKey(made, { restore: () => session }));
  assert.equal([...session!.state], [...before!.state]);
  assert.is(session!.tokens, 9);
  const { state: initialState, previous } = session!;
  const rest = await through(text.slice(9), surprisal(made, { initialState, previous }));
  assert.equal(rest, (await through(text, surprisal(made))).slice(9));
});

test('weights that come hold for all sessions from the next batch on', async () => {
  const [one, two] = [model('rnn', 1), model('rnn', 2)];
  const text = tokens(12);
  const weights$ = [new Subject<ReturnType<typeof stateDict>>(), new Subject<ReturnType<typeof stateDict>>()];
  const swap = (i: number) => (token: number, at: number) => {
    if (at === 5) weights$[i]!.next(stateDict(two));
    return token;
  };
  const alone = await through(text, (text$) => text$.pipe(map(swap(0)), surprisal(one, { weights$: weights$[0]! })));
  const both = await through(text, (text$) =>
    text$.pipe(
      map(swap(1)),
      map((token) => ({ key: 'a', token })),
      surprisalByKey(one, { weights$: weights$[1]!, lanes: 1 }),
    ),
  );
  assert.equal(
    both.map(({ bits }) => bits),
    alone.map(({ bits }) => bits),
  );
});

test('a bad token is its own error with onInvalid, and no key notices', async () => {
  const made = model(kinds[0], 4);
  const bad = [
    { key: 'a', token: SIZE },
    { key: 'b', token: -1 },
    { key: 'c', token: NaN },
    { key: 'a', token: 0.5 },
    { key: 'd', token: 'x' as unknown as number },
  ];
  const good = keyed('a0 b1 a2 b0 a1 b2');
  const mixed = good.flatMap((item, i) => [...bad.slice(i, i + 1), item]);
  const seen: InvalidToken<string>[] = [];
  const scored = await all(from(mixed).pipe(surprisalByKey(made, { onInvalid: (item) => seen.push(item) })));
  assert.equal(scored, await all(from(good).pipe(surprisalByKey(made))));
  const shown = (token: unknown): string => (typeof token === 'string' ? JSON.stringify(token) : String(token));
  const reason = (token: number, index: number): string =>
    `surprisalByKey: token ${shown(token)} at index ${index} is outside the vocabulary of ${SIZE}`;
  assert.equal(seen, bad.map((item, i) => ({ ...item, reason: reason(item.token, 2 * i) }))); // prettier-ignore
});

test('what onInvalid throws is the error of the result, after what came before', async () => {
  const made = model(kinds[0], 4);
  const seen: unknown[] = [];
  const failing$ = from([...keyed('a0'), { key: 'a', token: -1 }]).pipe(
    surprisalByKey(made, {
      onInvalid() {
        throw new Error('enough');
      },
    }),
  );
  await new Promise<void>((resolve) => {
    failing$.subscribe({ next: ({ token }) => seen.push(token), error: (error: Error) => resolve(void seen.push(error.message)) }); // prettier-ignore
  });
  assert.equal(seen, [0, 'enough']);
});

test('a token that comes of an emission is scored after those that wait', () => {
  const items$ = new Subject<Item>();
  const seen: string[] = [];
  items$.pipe(surprisalByKey(model(), { lanes: 2 })).subscribe(({ key, token }) => {
    seen.push(`${key}${token}`);
    if (seen.length < 4) items$.next({ key: 'c', token: seen.length });
  });
  for (const item of keyed('a1b1')) items$.next(item);
  assert.equal(seen, ['a1', 'b1', 'c1', 'c2', 'c3']);
});

test('leaving stops it at once, between two emissions of a pass', () => {
  const seen: string[] = [];
  const items$ = new Subject<Item>();
  items$.pipe(surprisalByKey(model(), { lanes: 3 }), take(2)).subscribe(({ key }) => seen.push(key));
  for (const item of keyed('a1b1c1')) items$.next(item);
  assert.equal(seen, ['a', 'b']);
  assert.not.ok(items$.observed);
});

test('two subscriptions do not touch each other', async () => {
  const scored$ = from(keyed('a1b2a3c4b5')).pipe(surprisalByKey(model(), { lanes: 2, scheduler: queueScheduler }));
  assert.equal(await all(scored$), await all(scored$));
});

const restorable = { key: 'a', state: model().zeroState(), previous: 1, tokens: 1 };
const session = { key: 'a', state: model('gru on an embedding').zeroState(), previous: 1, tokens: 1 };
for (const [item, options, message] of [
  [{ key: 'a', token: 7 }, {}, 'surprisalByKey: token 7 at index 0 is outside the vocabulary of 7'],
  [
    { key: 'a', token: 1 },
    { restore: () => session },
    'surprisalByKey: the restored session of "a" needs 6 numbers of rnn.h, got none',
  ],
  [
    { key: 'a', token: 1 },
    { restore: () => ({ key: 'a', previous: 1, tokens: 1 }) as Session<string> },
    'surprisalByKey: the restored session of "a" needs a state, got none',
  ],
  [
    { key: 'a', token: 1 },
    { restore: () => ({ ...restorable, state: 5 as never }) },
    'surprisalByKey: the restored session of "a" needs a state, got 5',
  ],
  [
    { key: 'a', token: 1 },
    { restore: () => ({ ...restorable, previous: 7 }) },
    'surprisalByKey: the restored session of "a" must have a token below 7 or -1 as previous, got 7',
  ],
  [
    { key: 'a', token: 1 },
    { restore: () => ({ ...restorable, previous: 0.5 }) },
    'surprisalByKey: the restored session of "a" must have a token below 7 or -1 as previous, got 0.5',
  ],
  [
    { key: 'a', token: 1 },
    { restore: () => ({ ...restorable, tokens: NaN }) },
    'surprisalByKey: the restored session of "a" must have a count of tokens, got NaN',
  ],
  [
    { key: 'a', token: 1 },
    {
      restore: () => ({
        ...restorable,
        state: new Map([...restorable.state].map(([n, t]) => [n, { ...t, data: t.data.map(() => NaN) }])),
      }),
    },
    'surprisalByKey: the restored session of "a" has numbers of rnn.h that are not finite',
  ],
] as [Item, Options, string][]) {
  test(`fails: ${message}`, () => {
    let found = '';
    of(item)
      .pipe(surprisalByKey(model(), options))
      .subscribe({ error: (error: Error) => (found = error.message) });
    assert.is(found, message);
  });
}

for (const [options, message] of [
  [{ lanes: 0 }, 'surprisalByKey: lanes must be a positive integer, got 0'],
  [{ lanes: 8, maxSessions: 7 }, 'surprisalByKey: maxSessions must be an integer from 8 up, got 7'],
  [{ idle: 0 }, 'surprisalByKey: idle must be a positive number, got 0'],
  [{ topK: 1.5 }, 'surprisalByKey: topK must be an integer from 0 up, got 1.5'],
] as [Options, string][]) {
  test(`refused: ${message}`, () =>
    assert.throws(
      () => surprisalByKey(model(), options),
      (error: Error) => error.message.includes(message),
    ));
}

test('a request of 210,000 tokens, pulled in slices: others are answered and the event loop has its turn meanwhile', async () => {
  const requests = [
    { key: 'long', tokens: tokens(210_000) },
    ...[1, 2, 3].map((seed) => ({ key: `short ${seed}`, tokens: tokens(50, seed) })),
  ];
  const ended: string[] = [];
  const left = new Map(requests.map(({ key, tokens }) => [key, tokens.length]));
  let turns = 0;
  const scorer = byKey<string>(model(), { fair: true });
  const pings = setInterval(() => (turns += 1), 1);
  try {
    const scored$ = from(requests).pipe(
      mergeMap(({ key, tokens }) => pull(tokens, yielding(unlimited)).pipe(map((token) => ({ key, token })))),
      scorer,
      tap(({ key }) => {
        left.set(key, left.get(key)! - 1);
        if (left.get(key) === 0) ended.push(key);
      }),
    );
    assert.is((await all(scored$)).length, 210_150);
  } finally {
    clearInterval(pings);
  }
  assert.equal(ended, ['short 1', 'short 2', 'short 3', 'long']);
  assert.ok(turns >= 3, `${turns} turns`);
});

/** Scores on a clock on which each result takes 5 ms; what is scheduled comes in real time. */
function slowly(made: Model, options: Options): OperatorFunction<Item, KeyedSurprisal<string>> {
  let now = 0;
  const schedule = asyncScheduler.schedule.bind(asyncScheduler);
  const scheduler = { now: () => now, schedule };
  return pipe(
    surprisalByKey(made, { ...options, scheduler }),
    tap(() => (now += 5)),
  );
}

test('with fair, many tokens of one turn leave turns for others, in order and with the same bits; then the result ends', async () => {
  const made = model('rnn', 4);
  const items = keyed('a1b2a3c4'.repeat(60));
  const options = { lanes: 4, topK: 1 };
  const expected = await through(items, surprisalByKey(made, options));
  assert.equal(await through(items, slowly(made, options)), expected);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  const evicted: string[] = [];
  const served = { ...options, fair: true, evicted: ({ key }: { key: string }) => void evicted.push(key) };
  const fair = await through([...keyed('d1'.repeat(80)), ...items], slowly(made, served));
  clearInterval(timer);
  assert.ok(turns > 10, `${turns} turns`);
  for (const name of 'abc') {
    const own = ({ key }: Item): boolean => key === name;
    assert.equal(fair.filter(own), expected.filter(own));
  }
  const last = (name: string): number => fair.findLastIndex(({ key }) => key === name);
  assert.ok(last('d') > last('b') && last('b') > 60, 'the many tokens of d do not come first');
  assert.equal(evicted.toSorted(), ['a', 'b', 'c', 'd']);
});

test('an error of the source comes after what waits, one of a token too, and leaving drops what waits', async () => {
  const made = model('rnn', 4);
  for (const last of [throwError(() => new Error('gone')), of({ key: 'x', token: 99 })]) {
    let count = 0;
    const scored$ = concat(from(keyed('a1b2'.repeat(40))), last).pipe(slowly(made, { lanes: 2, fair: true }));
    const message = await new Promise<string>((resolve) => {
      scored$.subscribe({ next: () => (count += 1), error: (error: Error) => resolve(error.message) });
    });
    assert.match(message, /^gone$|token 99/);
    assert.is(count, 80);
  }
  let count = 0;
  const scored$ = from(keyed('a1b2'.repeat(40))).pipe(slowly(made, { lanes: 2, fair: true }));
  scored$.subscribe(() => (count += 1)).unsubscribe();
  const before = count;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(count, before);
});

test('more than 1,048,576 tokens do not wait: those before are scored at once', () => {
  let count = 0;
  const pushed = new Subject<Item>();
  const made = constantModel([0, 1]);
  const subscription = pushed.pipe(slowly(made, { lanes: 4096, maxSessions: 4096 })).subscribe(() => (count += 1));
  for (let i = 0; i < 0x100000 + 20_000; i++) pushed.next({ key: `${i % 4096}`, token: 0 });
  subscription.unsubscribe();
  assert.ok(count >= 10_000, `${count} scored`);
});

test.run();
