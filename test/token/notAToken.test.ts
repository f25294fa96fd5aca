// What is not a token is refused where it enters, by name and place, and never becomes a 0 in an Int32Array.
import { from, type Observable, of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { show } from '../../src/check/show.js';
import { bookmark } from '../../src/flow/bookmark.js';
import { pull } from '../../src/flow/pull.js';
import { generateText } from '../../src/infer/generateText.js';
import { ngram } from '../../src/infer/ngram.js';
import { predictThenLearn } from '../../src/infer/predictThenLearn.js';
import { step } from '../../src/infer/step.js';
import { surprisal } from '../../src/infer/surprisal.js';
import { adam } from '../../src/learn/adam.js';
import { train } from '../../src/learn/train.js';
import { decode } from '../../src/token/decode.js';
import { encode } from '../../src/token/encode.js';
import { lanes } from '../../src/token/lanes.js';
import { oneHot } from '../../src/token/oneHot.js';
import { sequences } from '../../src/token/sequences.js';
import { vocabulary } from '../../src/token/vocabulary.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';
import { windows } from '../../src/token/windows.js';
import { words } from '../../src/token/words.js';
import { all, model } from '../infer/models.js';

const letters = vocabularyOf(['a', 'b', 'c', 'd', 'e', 'f', 'g'], { unknown: 'g' });
const optimizer = () => adam();

async function failure(source$: Observable<unknown>): Promise<Error> {
  try {
    await all(source$);
  } catch (error) {
    assert.instance(error, Error);
    return error as Error;
  }
  throw new Error('it was accepted');
}

/** Where tokens enter, with a bad one among them, and what the error says besides the value. */
const tokenReaders: Readonly<Record<string, (bad: never) => [() => Observable<unknown>, string]>> = {
  windows: (bad) => [() => from([0, 1, bad, 2]).pipe(windows({ steps: 2 })), 'windows: the token at index 2'],
  'windows, later': (bad) => [
    () => from([0, 1, 2, 3, 4, bad]).pipe(windows({ steps: 1, lanes: 2 })),
    'windows: the token at index 5',
  ],
  sequences: (bad) => [
    () => of([1], [0, bad]).pipe(sequences({ end: 0, lanes: 3 })),
    'sequences: the token at index 1 of sequence 1',
  ],
  lanes: (bad) => [() => pull(lanes([0, 1, bad, 2], 2)), 'lanes: the token at index 2'],
  step: (bad) => [() => from([0, bad]).pipe(step(model())), 'step: the token at index 1'],
  surprisal: (bad) => [() => from([0, bad]).pipe(surprisal(model())), 'surprisal: token'],
  'surprisal, previous': (bad) => [() => of(0).pipe(surprisal(model(), { previous: bad })), 'surprisal: token'],
  predictThenLearn: (bad) => [
    () => from([0, bad]).pipe(predictThenLearn(model(), { optimizer: optimizer() })),
    'predictThenLearn: token',
  ],
  'generateText, prompt': (bad) => [
    () => generateText(model(), { prompt: [0, bad], maxTokens: 3 }),
    'generateText: token',
  ],
  ngram: (bad) => [() => from([0, bad]).pipe(ngram({ order: 2, vocabSize: 4 })), 'ngram: token'],
  oneHot: (bad) => [() => from([0, bad]).pipe(oneHot(3)), 'oneHot: token'],
  decode: (bad) => [() => from([0, bad]).pipe(decode(letters)), 'decode: token'],
};

for (const [who, at] of Object.entries(tokenReaders)) {
  for (const bad of [NaN, 0.5, Infinity, 2 ** 32, undefined, null, '1', 'b', {}]) {
    if (bad === null && who.endsWith('previous')) continue; // there it means that there is no token before
    if (bad === undefined && who.endsWith('previous')) continue; // the default
    test(`${who}: ${show(bad)} is refused`, async () => {
      const [source, message] = at(bad as never);
      const error = await failure(source());
      assert.is(error.message.startsWith(message), true, error.message);
      if (!/previous|prompt/.test(who)) assert.match(error.message, / at index \d/);
    });
  }
}

/** Where symbols enter. */
const symbolReaders: Readonly<Record<string, (bad: never) => [() => Observable<unknown>, string]>> = {
  encode: (bad) => [() => from(['a', bad]).pipe(encode(letters)), 'encode: symbol at index 1'],
  'encode, unk': (bad) => [
    () => from(['a', bad]).pipe(encode(letters, { unknown: 'unk' })),
    'encode: symbol at index 1',
  ],
  'encode, skip': (bad) => [
    () => from(['a', bad]).pipe(encode(letters, { unknown: 'skip' })),
    'encode: symbol at index 1',
  ],
  vocabulary: (bad) => [() => from(['a', bad]).pipe(vocabulary()), 'vocabulary: symbol at index 1'],
  words: (bad) => [() => from(['a', bad]).pipe(words()), 'words: code point at index 1'],
};

for (const [who, at] of Object.entries(symbolReaders)) {
  for (const [bad, shown] of [
    [NaN, 'NaN'],
    [1, '1'],
    [undefined, 'undefined'],
    [null, 'null'],
  ] as const) {
    test(`${who}: ${shown} is refused`, async () => {
      const [source, where] = at(bad as never);
      const error = await failure(source());
      assert.is(error.message, `${where} must be a string, got ${shown}`);
    });
  }
}

test('text that was not encoded is not learned', async () => {
  let message = '';
  (from('abcabc') as unknown as Observable<number>)
    .pipe(windows({ steps: 2 }), train(model(), { optimizer: optimizer() }))
    .subscribe({ error: (error: Error) => (message = error.message) });
  assert.is(message, 'windows: the token at index 0 must be an integer, got "a"; turn symbols into tokens with encode');
});

test('a sequence that is not a list is refused', async () => {
  for (const [bad, shown] of [
    [1, '1'],
    [undefined, 'undefined'],
    [new Set([1]), '{}'],
  ] as const) {
    const error = await failure(of([1], bad as never).pipe(sequences({ end: 0 })));
    assert.is(error.message, `sequences: sequence 1 must be a list of tokens, got ${shown}`);
  }
});

test('integers of any sign pass: whether they are in the vocabulary, the model says', async () => {
  const cut = await all(from([-1, -0, 2 ** 31 - 1, -(2 ** 31)]).pipe(windows({ steps: 3 })));
  assert.equal(cut[0]!.inputs, Int32Array.of(-1, 0, 2 ** 31 - 1));
  assert.equal(cut[0]!.targets, Int32Array.of(0, 2 ** 31 - 1, -(2 ** 31)));
});

test('the tokens that a bookmark kept do not count in the place', async () => {
  const mark = bookmark({ epoch: 0, stages: { windows: [1, 0, 7, 7] } });
  const error = await failure(from([1, NaN]).pipe(windows({ steps: 4, bookmark: mark })));
  assert.match(error.message, 'the token at index 1 must');
});

test.run();
