// A model that learns while a long sequence is read in slices: what comes is of one set of weights, never of two.
import { from, last, lastValueFrom, map, type Observable, of, type OperatorFunction } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unlimited } from '../../src/flow/demand.js';
import { classify } from '../../src/infer/classify.js';
import { forecast } from '../../src/infer/forecast.js';
import { generateText } from '../../src/infer/generateText.js';
import { surprisalBySequence } from '../../src/infer/surprisalBySequence.js';
import { surprisal } from '../../src/infer/surprisal.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { sgd } from '../../src/learn/sgd.js';
import { train } from '../../src/learn/train.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import type { Token, Window } from '../../src/types.js';
import { lastOutputs } from '../support/lastOutputs.js';

// A slice of 8 ms is so many looks at the clock on any machine: one where the parts are long, eight where they are steps.
const { now } = Date;
const [LONG_PARTS, STEPS] = [10, 1];
let perLook = LONG_PARTS;
let time = 0;
Date.now = () => (time += perLook);
test.after(() => void (Date.now = now));

const SIZE = 5;
const LONG = 6000; // steps: 250 million multiplications
const made = (): Model =>
  sequential(
    { lstm: lstm({ inputSize: SIZE, hiddenSize: 96 }), linear: linear({ inputSize: 96, outputSize: SIZE }) },
    { random: seeded(1) },
  );
const sequence: Token[] = Array.from({ length: LONG }, (_, i) => (i * i + (i >> 3)) % SIZE);
const window: Window = { steps: 2, lanes: 1, inputs: Int32Array.of(0, 1), targets: Int32Array.of(1, 2) };

/** Has the model learn in so many turns of the event loop from now on; returns what ends that and counts them. */
function learnIn(model: Model, turns: number): () => number {
  let learned = 0;
  const timer = setInterval(() => {
    if (learned === turns) return;
    learned += 1;
    of(window)
      .pipe(train(model, { optimizer: sgd({ learningRate: 0.5 }) }))
      .subscribe();
  });
  return () => {
    clearInterval(timer);
    return learned;
  };
}

/** What the model gives at this moment, by each reader. */
function bitsNow(model: Model): number[] {
  const bits: number[] = [];
  from(sequence)
    .pipe(surprisal(model))
    .subscribe((scored) => bits.push(scored.bits));
  return bits;
}

function tokenNow(model: Model): number {
  let bits = NaN;
  generateText(model, { prompt: sequence, maxTokens: 1, demand: unlimited }).subscribe((drawn) => (bits = drawn.bits));
  return bits;
}

/** Each reader, and what it would give if it began now. */
const readers: Readonly<Record<string, (model: Model) => Observable<readonly [found: unknown, now: unknown]>>> = {
  classify: (model) =>
    of(sequence).pipe(
      classify(model),
      map(({ output }) => [output, lastOutputs(model, sequence)] as const),
    ),
  surprisalBySequence: (model) =>
    of(sequence).pipe(
      surprisalBySequence(model),
      map(({ surprisals }) => [surprisals.map(({ bits }) => bits), bitsNow(model)] as const),
    ),
  generateText: (model) =>
    generateText(model, { prompt: sequence, maxTokens: 1 }).pipe(map(({ bits }) => [bits, tokenNow(model)] as const)),
};

for (const [name, readerOf] of Object.entries(readers)) {
  for (const turns of [1, Infinity]) {
    test(`${name}: a model that learns in ${turns} turns is read again from the beginning`, async () => {
      perLook = name === 'generateText' ? STEPS : LONG_PARTS;
      const model = made();
      const end = learnIn(model, turns);
      const [found, now] = await lastValueFrom(readerOf(model));
      const learned = end();
      assert.ok(learned > 0);
      if (turns === 1) assert.is(learned, 1);
      assert.equal(found, now);
    });
  }
}

test('forecast: refuses a model that learns while it reads ahead', async () => {
  perLook = STEPS;
  const model = made();
  const rows$ = from([[1, 0, 0, 0, 1]]);
  const ahead: OperatorFunction<readonly number[], unknown> = forecast(model, { steps: LONG });
  await lastValueFrom(rows$.pipe(ahead, last()));
  const end = learnIn(model, 1);
  const message = await lastValueFrom(rows$.pipe(ahead)).then(
    () => 'no error',
    (error: Error) => error.message,
  );
  assert.is(end(), 1);
  assert.match(message, /^forecast: the weights changed while the model read ahead; let it learn before/);
});

test.run();
