// Every source, through every operator, into a slow stage: what is in flight stays within the window of the credit.
import { createReadStream } from 'node:fs';
import { lastValueFrom, map, type Observable, type OperatorFunction, pipe, take, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adwin,
  yielding,
  bytes,
  credit,
  csv,
  type Demand,
  encode,
  flat,
  generateText,
  lanes,
  linear,
  lines,
  ngram,
  operator,
  oneHot,
  pageHinkley,
  predictThenLearn,
  pull,
  readable,
  rnn,
  sequences,
  sequential,
  concatMapBounded,
  sgd,
  step,
  surprisal,
  surprisalByKey,
  text,
  textLanes,
  type Token,
  train,
  validate,
  vocabularyOf,
  windows,
  words,
} from '../../src/index.js';
import { temporary } from '../source/temporary.js';
import { lehmer, turn } from './support.js';

const SIZE = 5;
const symbols = vocabularyOf(Array.from('abcde'));
const letters = temporary('abcdeedcba'.repeat(40));
const rows = temporary(`name\n${'abc\n'.repeat(200)}`);
const model = sequential({
  rnn: rnn({ inputSize: SIZE, hiddenSize: 2 }),
  linear: linear({ inputSize: 2, outputSize: SIZE }),
});
const code = (symbol: string): Token => symbol.charCodeAt(0) % SIZE;

/** Sources of ours that take a demand, each as tokens. */
const sources: Readonly<Record<string, (demand: Demand) => Observable<Token>>> = {
  pull: (demand) =>
    pull(
      Array.from({ length: 400 }, (_, i) => i % SIZE),
      demand,
    ),
  flat: (demand) => pull(flat([[0, 1, 2], [3], [], [4, 0]]), demand),
  lanes: (demand) =>
    pull(
      lanes(
        Array.from({ length: 200 }, (_, i) => i % SIZE),
        2,
      ),
      demand,
    ),
  readable: (demand) =>
    pull(
      readable(() => createReadStream(letters, { highWaterMark: 7 })),
      demand,
    ).pipe(map(({ length }) => length % SIZE)),
  bytes: (demand) => bytes(letters, { demand }).pipe(map((byte) => byte % SIZE)),
  text: (demand) => text(letters, { demand }).pipe(encode(symbols)),
  textLanes: (demand) => textLanes(letters, { lanes: 2, demand }).pipe(encode(symbols)),
  lines: (demand) => lines(rows, { demand }).pipe(map(code)),
  csv: (demand) => csv(rows, { columns: ['name'], demand }).pipe(map(({ name }) => code(name!))),
  generateText: (demand) => generateText(model, { maxTokens: 200, demand }).pipe(map(({ token }) => token)),
  'pull, breathing': (demand) =>
    pull(
      Array.from({ length: 400 }, (_, i) => i % SIZE),
      yielding(demand, 0.1),
    ),
};

/** How an operator is made, how many values one token turns into at most, and how many it may yet get when full. */
type Stage = readonly [make: () => OperatorFunction<Token, unknown>, most: number, late?: number];

/** Operators of ours. */
const operators: Readonly<Record<string, Stage>> = {
  operator: [() => operator<Token, Token>((subscriber) => ({ next: (token) => subscriber.next(token) })), 1],
  encode: [
    () =>
      pipe(
        map((token: Token) => symbols.symbol(token)),
        encode(symbols),
      ),
    1,
  ],
  words: [
    () =>
      pipe(
        map((token: Token) => 'ab. c'[token]!),
        words(),
      ),
    2,
  ],
  oneHot: [() => oneHot(SIZE), 1],
  windows: [() => windows({ steps: 3 }), 1],
  sequences: [
    () =>
      pipe(
        map((token: Token) => [token, 1]),
        sequences({ end: 0, lanes: 2 }),
      ),
    1,
  ],
  train: [() => pipe(windows({ steps: 2 }), train(model, { optimizer: sgd({ learningRate: 0.01 }) })), 1],
  validate: [
    () =>
      pipe(
        windows({ steps: 2 }),
        train(model, { optimizer: sgd({ learningRate: 0.01 }) }),
        validate(model, pull([0, 1, 2, 3]).pipe(windows({ steps: 3 })), { every: 2 }),
      ),
    1,
  ],
  step: [() => step(model), 1],
  surprisal: [() => surprisal(model), 1],
  // It waits a microtask for more keys: a read that was under way when its values filled the window comes behind them.
  surprisalByKey: [
    () =>
      pipe(
        map((token: Token) => ({ key: token % 3, token })),
        surprisalByKey(model, { lanes: 4 }),
      ),
    4,
    1,
  ],
  ngram: [() => ngram({ order: 2, vocabSize: SIZE }), 1],
  predictThenLearn: [() => predictThenLearn(model, { optimizer: sgd({ learningRate: 0.01 }), steps: 3 }), 1],
  pageHinkley: [() => pageHinkley({ threshold: 1, minValues: 1 }), 1],
  adwin: [() => adwin(), 1],
};

for (const [name, [make, most, late = 0]] of Object.entries(operators)) {
  test(`${name}: no source gives into a full window, and at most high - 1 + ${most + late} are in flight`, async () => {
    const random = lehmer(3);
    const below = (n: number): number => Math.floor(random() * n);
    for (const [source, given$] of Object.entries(sources)) {
      for (let run = 0; run < 3; run++) {
        const high = 1 + below(6);
        const inFlight = credit({ high, low: below(high) });
        const turns = below(3);
        let given = 0;
        const done$ = given$(inFlight).pipe(
          take(50),
          tap(() => {
            given++;
            assert.ok(
              inFlight.held < high || late > 0,
              `${source} gave item ${given} with ${inFlight.held} of ${high} in flight`,
            );
          }),
          make(),
          concatMapBounded(inFlight, async (value) => {
            for (let i = 0; i < turns; i++) await turn();
            return value;
          }),
        );
        await lastValueFrom(done$, { defaultValue: undefined });
        assert.ok(given > 0, `${source} gave nothing`);
        assert.ok(inFlight.peak <= high - 1 + most + late, `${source}: ${inFlight.peak} in flight of ${high}`);
        assert.is(inFlight.held, 0);
      }
    }
  });
}

test.run();
