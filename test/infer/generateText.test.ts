import { BehaviorSubject, map, of, Subject, take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { credit } from '../../src/flow/credit.js';
import { requested, unlimited } from '../../src/flow/demand.js';
import { makeSampler } from '../../src/infer/makeSampler.js';
import type { Generated } from '../../src/infer/generated.js';
import { generateText, type GenerateTextOptions } from '../../src/infer/generateText.js';
import { surprisal } from '../../src/infer/surprisal.js';
import type { Model } from '../../src/model/model.js';
import { stateDict } from '../../src/model/stateDict.js';
import { seeded } from '../../src/random/seeded.js';
import { marbles } from '../../src/record/marbles.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';
import type { Token } from '../../src/types.js';
import { all, constantModel, kinds, model, SIZE, through } from './models.js';

const vocabulary = vocabularyOf(['a', 'b', 'c', 'd', 'e', 'f', '\n']);

/** The loop that the generator replaces: step, draw, feed back. */
function byHand(made: Model, prompt: readonly Token[], count: number, seed: number, temperature = 1): Token[] {
  const draw = makeSampler('by hand', { temperature, random: seeded(seed) }, made.kernel);
  let state = made.zeroState();
  for (const token of prompt.slice(0, -1)) ({ state } = made.step(token, state));
  const drawn: Token[] = [];
  for (let before = prompt.at(-1)!; drawn.length < count; before = drawn.at(-1)!) {
    const next = made.step(before, state);
    state = next.state;
    drawn.push(draw(next.output.data));
  }
  return drawn;
}

const tokensOf = (generated: readonly Generated[]): Token[] => generated.map(({ token }) => token);

for (const kind of kinds) {
  for (const [what, prompt, previous, read] of [
    ['nothing', [], -1, [-1]],
    ['a prompt', [3, 1, 2], -1, [-1, 3, 1, 2]],
    ['a prompt with nothing before it', [3, 1, 2], null, [3, 1, 2]],
  ] as const) {
    test(`${kind}: from ${what} it draws what a loop by hand draws`, async () => {
      const made = model(kind);
      const options = { prompt, previous, maxTokens: 40, random: seeded(5), temperature: 1.5 };
      assert.equal(tokensOf(await all(generateText(made, options))), byHand(made, read, 40, 5, 1.5));
    });
  }

  test(`${kind}: its bits are those of surprisal, exactly`, async () => {
    const made = model(kind);
    const generated = await all(generateText(made, { prompt: [1, 2], maxTokens: 30, temperature: 2, topK: 4 }));
    const scored = await through([1, 2, ...tokensOf(generated)], surprisal(made));
    assert.equal(
      generated.map(({ bits }) => bits),
      scored.slice(2).map(({ bits }) => bits),
    );
  });
}

test('with a vocabulary the prompt is a text and each token has one', async () => {
  const made = model();
  const generated = await all(generateText(made, { vocabulary, prompt: 'dbc', maxTokens: 20 }));
  const tokens = await all(generateText(made, { prompt: [3, 1, 2], maxTokens: 20 }));
  assert.equal(
    generated,
    tokens.map((one) => ({ ...one, text: vocabulary.symbols[one.token]! })),
  );
});

test('a subscription starts from the beginning', async () => {
  const generated$ = generateText(model(), { maxTokens: 20 });
  assert.equal(await all(generated$), await all(generated$));
});

test('it continues from a state and the token after it', async () => {
  const made = model();
  const first = tokensOf(await all(generateText(made, { maxTokens: 12, temperature: 0 })));
  let state = made.zeroState();
  for (const token of [-1, ...first.slice(0, 4)]) ({ state } = made.step(token, state));
  const options = { initialState: state, previous: first[4]!, maxTokens: 7, temperature: 0 };
  assert.equal(tokensOf(await all(generateText(made, options))), first.slice(5));
});

const text = async (options: GenerateTextOptions): Promise<string> => {
  const generated = await all(generateText(model(), { ...options, vocabulary, maxTokens: 200, random: seeded(3) }));
  return generated.map((one) => one.text).join('');
};
for (const [name, stop, found] of [
  ['a token', 6, '\n'],
  ['a text', '\n', '\n'],
  ['a text of several tokens', 'bd', 'bd'],
  ['a test', ({ token }: Generated) => token === 4, 'e'],
] as const) {
  test(`${name} stops it, and is the last`, async () => {
    const endless = await text({});
    const expected = endless.slice(0, endless.indexOf(found) + found.length);
    assert.ok(endless.includes(found) && expected.length > 2 && expected.length < endless.length, endless);
    assert.is(await text({ stop }), expected);
  });
}

test('leaving stops it at once, in the middle of an endless run', () => {
  let forwards = 0;
  const made = model();
  const counted: Model = {
    ...made,
    tape: (...sizes) => {
      const tape = made.tape(...sizes);
      const forward = tape.forward.bind(tape);
      return Object.assign(tape, {
        forward: (...args: Parameters<typeof forward>) => {
          forwards += 1;
          forward(...args);
        },
      });
    },
  };
  const seen: Generated[] = [];
  generateText(counted, { demand: unlimited })
    .pipe(take(3))
    .subscribe((one) => seen.push(one));
  assert.is(seen.length, 3);
  assert.is(forwards, 3);
});

test('endless generation gives the event loop its turns, and goes on', async () => {
  let seen = 0;
  let more = (): void => undefined;
  const went = new Promise<void>((resolve) => (more = resolve));
  let subscribed = false;
  const subscription = generateText(model()).subscribe(() => {
    seen += 1;
    if (subscribed) more();
  });
  subscribed = true; // subscribing has returned, and not for want of tokens
  assert.ok(seen > 0);
  await went;
  subscription.unsubscribe();
  const atEnd = seen;
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.is(seen, atEnd);
});

marbles('it makes as many as are demanded', ({ cold, expectObservable }) => {
  const demand$ = cold('--2---1--', { 1: 1, 2: 2 });
  const generated$ = generateText(constantModel([9, 0]), { temperature: 0, demand: requested(demand$) });
  expectObservable(generated$.pipe(map(({ token }) => token))).toBe('--(aa)a--', { a: 0 });
});

test('a temperature that changes holds from the next token on', () => {
  const temperature = new BehaviorSubject(0);
  const made = constantModel([3, 0, 0, 0]);
  const demand$ = new Subject<number>();
  const seen: Token[] = [];
  generateText(made, { temperature, demand: requested(demand$) }).subscribe(({ token }) => seen.push(token));
  demand$.next(30);
  assert.equal(new Set(seen), new Set([0]));
  temperature.next(1000);
  demand$.next(60);
  assert.equal(new Set(seen.slice(30)), new Set([0, 1, 2, 3]));
  temperature.next(0);
  demand$.next(30);
  assert.equal(new Set(seen.slice(90)), new Set([0]));
});

test('weights that come change what follows and nothing before', async () => {
  const [one, two] = [model('rnn', 1), model('rnn', 2)];
  const weights$ = new Subject<ReturnType<typeof stateDict>>();
  const without = tokensOf(await all(generateText(one, { maxTokens: 40 })));
  const seen: Token[] = [];
  generateText(one, { maxTokens: 40, weights$, demand: unlimited }).subscribe(({ token }) => {
    seen.push(token);
    if (seen.length === 15) weights$.next(stateDict(two));
  });
  assert.is(seen.length, 40);
  assert.equal(seen.slice(0, 15), without.slice(0, 15));
  const draw = makeSampler('by hand', { random: seeded(0) }, one.kernel);
  let state = one.zeroState();
  let before = -1;
  const expected = seen.map((_, i) => {
    const next = (i < 15 ? one : two).step(before, state);
    state = next.state;
    before = draw(next.output.data);
    return before;
  });
  assert.equal(seen, expected);
  assert.not.equal(seen, without);
});

const temperature$ = new Subject<number>();
for (const [options, message] of [
  [{ maxTokens: 0 }, 'generateText: maxTokens must be a positive integer, got 0'],
  [{ topK: 0 }, 'generateText: topK must be a positive integer, got 0'],
  [{ topP: 2 }, 'generateText: topP must be in (0, 1], got 2'],
  [{ temperature: -1 }, 'generateText: temperature must be a number from 0 up, got -1'],
  [{ previous: null }, 'generateText: a prompt is needed where previous is null'],
  [{ prompt: 'a' }, 'generateText: a prompt that is a text needs a vocabulary'],
  [{ prompt: 'ax', vocabulary }, 'generateText: the prompt has "x", which the vocabulary lacks'],
  [{ stop: 'a' }, 'generateText: a stop that is a text needs a vocabulary'],
  [{ stop: '', vocabulary }, 'generateText: stop must not be an empty text'],
  [{ vocabulary: vocabularyOf(['a']) }, 'generateText: the vocabulary has 1 symbols, the model 7 outputs'],
] as [GenerateTextOptions, string][]) {
  test(`refused: ${message}`, () =>
    assert.throws(
      () => generateText(model(), options),
      (error: Error) => error.message.includes(message),
    ));
}

const LONG = 200_000; // tokens of a prompt that no slice reads

test('a long prompt leaves the event loop its turns, and changes no token', async () => {
  const made = model('rnn');
  const options = { prompt: Array.from({ length: LONG }, (_, i) => i % SIZE), maxTokens: 4 };
  const inOneTurn: Generated[] = [];
  generateText(made, { ...options, demand: unlimited }).subscribe((generated) => inOneTurn.push(generated));
  assert.is(inOneTurn.length, 4, 'with `unlimited` all is read and drawn in the turn of the subscription');
  for (const demand of [undefined, credit({ high: 8 })]) {
    let turns = 0;
    const turn = setInterval(() => (turns += 1));
    assert.equal(await all(generateText(made, { ...options, demand })), inOneTurn);
    clearInterval(turn);
    assert.ok(turns > 1, `${turns} turns`);
  }
});

test('who leaves while a long prompt is read ends the reading', async () => {
  const made = model('rnn');
  const prompt = Array.from({ length: LONG }, () => 1);
  prompt.push(SIZE); // would be an error
  let failed = false;
  const reading = generateText(made, { prompt }).subscribe({ error: () => (failed = true) });
  reading.unsubscribe();
  await all(generateText(made, { prompt: prompt.slice(0, -1), maxTokens: 1 }));
  assert.not.ok(failed);
});

test('a token outside the vocabulary ends the reading of a long prompt', async () => {
  const prompt = [...Array.from({ length: LONG }, () => 1), SIZE, 1];
  const error = await all(generateText(model('rnn'), { prompt })).catch((error: Error) => error.message);
  assert.is(error, 'sequential: token 7 is outside the vocabulary of 7 of layer rnn');
});

for (const [options, message] of [
  [{ prompt: [SIZE] }, 'sequential: token 7 is outside the vocabulary of 7 of layer rnn'],
  [{ temperature: of(-1) }, 'generateText: temperature must be a number from 0 up, got -1'],
  [
    { temperature: temperature$ },
    'generateText: temperature is an observable without a number; start it with one (startWith, BehaviorSubject)',
  ],
] as [GenerateTextOptions, string][]) {
  test(`fails: ${message}`, () => {
    const errors: Error[] = [];
    generateText(model(), options).subscribe({ error: (error: Error) => errors.push(error) });
    assert.equal(
      errors.map((error) => error.message),
      [message],
    );
  });
}

test.run();
