import * as fc from 'fast-check';
import { asyncScheduler, concatMap, filter, from, lastValueFrom, NEVER, of, Subject, tap, toArray } from 'rxjs';
import type { SchedulerLike } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  generateByKey,
  generateText,
  type GenerationRequest,
  type KeyedGenerated,
  requested,
  seeded,
  type Session,
  vocabularyOf,
} from '../../src/index.js';
import { constantModel, kinds, model, SIZE } from './models.js';

type Request = GenerationRequest<string>;

const symbols = vocabularyOf(Array.from({ length: SIZE }, (_, i) => String.fromCharCode(97 + i)));

function generated(
  requests: readonly Request[],
  ...args: Parameters<typeof generateByKey<string>>
): Promise<KeyedGenerated<string>[]> {
  return lastValueFrom(from(requests).pipe(generateByKey<string>(...args), toArray()));
}

for (const kind of kinds) {
  test(`${kind}: each request gets what generateText gives it, to the bit, whatever shares its passes`, async () => {
    const made = model(kind, 4);
    const request = fc.record({
      prompt: fc.array(fc.integer({ min: 0, max: SIZE - 1 }), { maxLength: 6 }),
      maxTokens: fc.integer({ min: 1, max: 8 }),
      temperature: fc.constantFrom(0, 0.7, 1, 2),
      topK: fc.constantFrom(undefined, 2),
      seed: fc.nat(9),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 7 }),
        fc.integer({ min: 1, max: 4 }),
        async (all, lanes) => {
          const requests = all.map(({ seed, ...one }, i) => ({ key: `k${i}`, random: seeded(seed), ...one }));
          const together = await generated(requests, made, { lanes, vocabulary: symbols });
          for (const [i, { seed, ...one }] of all.entries()) {
            const text$ = generateText(made, { ...one, random: seeded(seed), vocabulary: symbols });
            const alone = await lastValueFrom(text$.pipe(toArray()));
            const own = together.filter(({ key }) => key === `k${i}`);
            assert.equal(
              own.map(({ token, bits, text }) => ({ token, bits, text })),
              alone,
            );
            assert.equal(
              own.map(({ session }) => session?.tokens),
              own.map((_, i) => (i === own.length - 1 ? own.length : undefined)),
            );
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  test(`${kind}: a request that resumes a session gives what one request would have given`, async () => {
    const made = model(kind, 4);
    const whole = await generated([{ key: 'a', prompt: [1, 2], maxTokens: 9, random: seeded(5) }], made);
    const random = seeded(5);
    const first = await generated([{ key: 'a', prompt: [1, 2], maxTokens: 4, random }], made);
    const session: Session<string> = first.at(-1)!.session!;
    const kept = structuredClone(session); // as from a database
    const rest = await generated([{ key: 'b', session: kept, maxTokens: 5, random }], made);
    assert.equal(
      [...first, ...rest].map(({ token, bits }) => ({ token, bits })),
      whole.map(({ token, bits }) => ({ token, bits })),
    );
    assert.is(rest.at(-1)!.session!.tokens, 9);
    assert.equal(session, kept); // it was read, not written
  });
}

test('a request that cannot be met is reported, and the others go on', async () => {
  const invalid: string[] = [];
  const results = await lastValueFrom(
    from([
      { key: 'a', prompt: 'ab', maxTokens: 2 },
      { key: 'b', prompt: 'a!', maxTokens: 2 },
      { key: 'c', promt: 'a' },
      { key: 'a', prompt: 'a' },
      { key: 'd', maxTokens: 0 },
      { key: 'e', session: { key: 'e', state: new Map(), previous: 0, tokens: 1 } },
      { key: 'f', prompt: [SIZE] },
      { key: 'f', prompt: [0.5] },
      null,
      { key: 'g', maxTokens: 1 },
      { key: 'h', maxTokens: 1 },
    ] as unknown as Request[]).pipe(
      generateByKey<string>(model('rnn', 4), {
        vocabulary: symbols,
        maxSessions: 2,
        onInvalid: ({ reason }) => invalid.push(reason),
      }),
      toArray(),
    ),
  );
  assert.equal(results.map(({ key }) => key).toSorted(), ['a', 'a', 'g']);
  assert.equal(invalid, [
    'generateByKey: the prompt has "!", which the vocabulary lacks',
    'generateByKey: unknown option promt; did you mean prompt?',
    'generateByKey: tokens of "a" are being drawn; give the request another key',
    'generateByKey: maxTokens must be a positive integer, got 0',
    'generateByKey: the restored session of "e" needs 6 numbers of rnn.h, got none',
    `generateByKey: the prompt has ${SIZE}, which is outside the vocabulary of ${SIZE}`,
    `generateByKey: the prompt has 0.5, which is outside the vocabulary of ${SIZE}`,
    'generateByKey: what comes in must be a key with a prompt, got null',
    'generateByKey: 2 requests are under way (maxSessions)',
  ]);
});

test('without onInvalid such a request is the error of the result', async () => {
  await generated([{ key: 'a', prompt: [SIZE] }], model('rnn', 4)).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /^generateByKey: the prompt has /),
  );
});

test('a key may ask again as soon as its last token is emitted', () => {
  const made = model('rnn', 4);
  const request$ = new Subject<Request>();
  const seen: number[] = [];
  return new Promise<void>((resolve, reject) => {
    request$.pipe(generateByKey<string>(made)).subscribe({
      next({ key, session }) {
        if (!session) return;
        seen.push(session.tokens);
        if (seen.length < 3) request$.next({ key, session, maxTokens: 2 });
        else request$.complete();
      },
      error: reject,
      complete: resolve,
    });
    request$.next({ key: 'a', maxTokens: 2 });
  }).then(() => assert.equal(seen, [2, 4, 6]));
});

test('cancel$ ends one key without another item, and frees its place', async () => {
  const cancel$ = new Subject<string>();
  const counts = { a: 0, b: 0, c: 0 };
  const request$ = new Subject<Request>();
  const invalid: string[] = [];
  const options = { cancel$, maxSessions: 2, onInvalid: ({ reason }: { reason: string }) => void invalid.push(reason) };
  const done = lastValueFrom(
    request$.pipe(
      generateByKey<string>(model('rnn', 4), options),
      concatMap(({ key }) => {
        counts[key as 'a'] += 1;
        if (key === 'a' && counts.a === 3) {
          cancel$.next('a');
          cancel$.next('nobody');
          request$.next({ key: 'c', maxTokens: 2 });
          request$.complete();
        }
        return of(key);
      }),
      toArray(),
    ),
  );
  request$.next({ key: 'a' }); // without end
  request$.next({ key: 'b', maxTokens: 5 });
  await done;
  assert.equal(counts, { a: 3, b: 5, c: 2 });
  assert.equal(invalid, []);
});

for (const kind of kinds) {
  test(`${kind}: with a session per token, what cancel$ ends goes on after the last token that arrived`, async () => {
    const made = model(kind, 4);
    const request = { key: 'a', prompt: [1, 2], maxTokens: 9 };
    const others = ['b', 'c'].map((key) => ({ key, prompt: [3], maxTokens: 20, random: seeded(key) }));
    const whole = await generated([{ ...request, random: seeded(5) }], made);
    for (const until of [1, 2, 8]) {
      const cancel$ = new Subject<string>();
      const random = seeded(5);
      const first: KeyedGenerated<string>[] = [];
      let state = random.state();
      const first$ = from([...others, { ...request, random }]).pipe(
        generateByKey<string>(made, { cancel$, sessionPerToken: true, lanes: 2 }),
        filter(({ key }) => key === 'a'),
        tap((item) => {
          state = random.state();
          if (first.push(item) === until) cancel$.next('a');
        }),
      );
      await lastValueFrom(first$);
      assert.equal(
        first.map(({ session, last }) => [session!.tokens, last]),
        first.map((_, i) => [i + 1, undefined]),
      );
      const later = seeded(0);
      later.restore(state);
      const { session } = first.at(-1)!;
      const rest = await generated([{ key: 'a', session, random: later, maxTokens: 9 - until }], made);
      assert.equal(
        [...first, ...rest].map(({ token, bits }) => ({ token, bits })),
        whole.map(({ token, bits }) => ({ token, bits })),
      );
    }
  });
}

test('the last token of a request says so, with a session per token, too, and frees its place', async () => {
  for (const sessionPerToken of [false, true]) {
    const requests = ['a', 'b'].map((key) => ({ key, maxTokens: 3 }));
    const items = await generated(requests, model('rnn', 4), { sessionPerToken });
    assert.equal(
      items.filter(({ key }) => key === 'a').map(({ last, session }) => [last, session !== undefined]),
      [
        [undefined, sessionPerToken],
        [undefined, sessionPerToken],
        [true, true],
      ],
    );
  }
});

test('tokens are drawn on demand only', () => {
  const demand$ = new Subject<number>();
  const drawn: number[] = [];
  const scheduler = { now: () => 0, schedule: (work: () => void) => (work.call(undefined), of().subscribe()) };
  const made = constantModel([0, 9, 0]);
  const subscription = of({ key: 'a', stop: ({ token }: { token: number }) => (drawn.push(token), false) })
    .pipe(generateByKey(made, { demand: requested(demand$), scheduler: scheduler as unknown as SchedulerLike }))
    .subscribe();
  assert.is(drawn.length, 1); // which waits to be asked for
  demand$.next(3);
  assert.is(drawn.length, 4);
  subscription.unsubscribe();
  demand$.next(3);
  assert.is(drawn.length, 4);
});

test('what cancel$ ends costs no demand, and completes the result where nothing else is left', async () => {
  const demand$ = new Subject<number>();
  const cancel$ = new Subject<string>();
  const seen: string[] = [];
  const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  from([{ key: 'a' }, { key: 'b' }])
    .pipe(generateByKey<string>(constantModel([0, 9, 0]), { cancel$, demand: requested(demand$) }))
    .subscribe({ next: ({ key }) => seen.push(key), complete: () => seen.push('done') });
  await tick(); // a token of each waits for demand
  cancel$.next('a');
  demand$.next(1);
  assert.equal(seen, ['b']);
  cancel$.next('b');
  await tick();
  assert.equal(seen, ['b', 'done']);
});

test('the event loop has its turn while long prompts are read', async () => {
  let now = 0;
  const clock = { now: () => (now += 5), schedule: asyncScheduler.schedule.bind(asyncScheduler) };
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  const prompt = new Int32Array(200);
  await generated([{ key: 'a', prompt, maxTokens: 1 }], constantModel([0, 9, 0]), { scheduler: clock });
  clearInterval(timer);
  assert.ok(turns > 10, `${turns} turns`);
});

test('an error of the source ends the result at once; unsubscribing leaves nothing scheduled', async () => {
  const request$ = new Subject<Request>();
  const results: string[] = [];
  const made = model('rnn', 4);
  request$.pipe(generateByKey<string>(made)).subscribe({ error: (error: Error) => results.push(error.message) });
  request$.next({ key: 'a' });
  request$.error(new Error('gone'));
  assert.equal(results, ['gone']);
  const subscription = NEVER.pipe(generateByKey<string>(made)).subscribe();
  subscription.unsubscribe();
});

test.run();
