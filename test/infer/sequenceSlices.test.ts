// Long sequences are read in slices of the event loop: the same numbers in the same order, and nothing after one has left.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  concat,
  from,
  lastValueFrom,
  NEVER,
  Observable,
  type OperatorFunction,
  Subject,
  throwError,
  toArray,
} from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { classify } from '../../src/infer/classify.js';
import { type Forecast, forecast } from '../../src/infer/forecast.js';
import { surprisal } from '../../src/infer/surprisal.js';
import { surprisalBySequence } from '../../src/infer/surprisalBySequence.js';
import type { Layer } from '../../src/layer/layer.js';
import { gru } from '../../src/layer/gru.js';
import { linear } from '../../src/layer/linear.js';
import { lstm } from '../../src/layer/lstm.js';
import { summary } from '../../src/layer/summary.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import { lastOutputs } from '../support/lastOutputs.js';

// A slice of 8 ms is so many looks at the clock on any machine: one where the parts are long, eight where they are steps.
const { now } = Date;
const [LONG_PARTS, STEPS] = [10, 1];
let perLook = LONG_PARTS;
let time = 0;
Date.now = () => (time += perLook);
test.after(() => void (Date.now = now));

const SIZE = 5;
const HIDDEN = 96;
const LONG = 4000; // steps: 130 million multiplications and more

const layersOf = (bidirectional = false): Record<string, Layer> => ({
  gru: gru({ inputSize: SIZE, hiddenSize: HIDDEN }),
  lstm: lstm({ inputSize: HIDDEN, hiddenSize: 8, bidirectional }),
  summary: summary({ size: bidirectional ? 16 : 8, pool: 'mean', ...(bidirectional && { bidirectional }) }),
  linear: linear({ inputSize: bidirectional ? 16 : 8, outputSize: SIZE }),
});
const made = (): Model => sequential(layersOf(), { random: seeded(1) });
const tokens = (length: number, salt = 0): number[] =>
  Array.from({ length }, (_, i) => (i * i + (i >> 3) + salt) % SIZE);

/** All values, and how many turns of the event loop there were until the end. */
async function inTurns<R>(result$: Observable<R>): Promise<{ values: R[]; turns: number }> {
  let turns = 0;
  const turn = setInterval(() => (turns += 1));
  const values = await lastValueFrom(result$.pipe(toArray()));
  clearInterval(turn);
  return { values, turns };
}

test('classify: the label of a long sequence is that of one pass, to the bit, beside others and in order', async () => {
  const model = made();
  const items = [tokens(3), tokens(LONG), tokens(7), tokens(LONG + 13, 2), tokens(1)];
  const expected = items.map((item) => lastOutputs(model, item));
  for (const lanes of [1, 2, 5]) {
    const { values, turns } = await inTurns(from(items).pipe(classify(model, { lanes })));
    assert.equal(
      values.map(({ item }) => item),
      items,
    );
    assert.equal(
      values.map(({ output }) => output),
      expected,
    );
    assert.ok(turns > 1, `${turns} turns`);
  }
});

test('classify: rows of numbers are read in slices, too', async () => {
  const model = made();
  const rows = tokens(LONG).map((token) => Array.from({ length: SIZE }, (_, i) => (i === token ? 1 : 0)));
  const { values, turns } = await inTurns(from([rows]).pipe(classify(model)));
  assert.equal(values[0]!.output, lastOutputs(model, tokens(LONG))); // a token is a row with a 1 in its place
  assert.ok(turns > 1, `${turns} turns`);
});

test('classify: a layer that needs the end, or of a user, has the sequence in one pass', () => {
  const whole = sequential(layersOf(true), { random: seeded(1) });
  const own: Layer = { ...linear({ inputSize: 8, outputSize: SIZE }), kind: 'own' };
  const foreign = sequential({ ...layersOf(), linear: own }, { random: seeded(1) });
  for (const model of [whole, foreign]) {
    const found: number[][] = [];
    from([tokens(LONG)]).pipe(classify(model)).subscribe(({ output }) => found.push([...output])); // prettier-ignore
    assert.equal(found, [lastOutputs(model, tokens(LONG))]); // in the turn of the subscription
  }
});

test('surprisalBySequence: the surprisals of a long sequence are those of surprisal, to the bit', async () => {
  const model = made();
  const items = [tokens(2), tokens(LONG), [], tokens(LONG >> 1, 3)];
  const expected = await Promise.all(
    items.map((item) => lastValueFrom(from([...item, 0]).pipe(surprisal(model, { topK: 2 }), toArray()))),
  );
  for (const lanes of [1, 3]) {
    const { values, turns } = await inTurns(from(items).pipe(surprisalBySequence(model, { lanes, end: 0, topK: 2 })));
    assert.equal(
      values.map(({ surprisals }) => surprisals),
      expected,
    );
    assert.ok(turns > 1, `${turns} turns`);
  }
});

test('forecast: many steps ahead are those of forecasting step after step, and leave the event loop its turns', async () => {
  perLook = STEPS;
  const layers = { lstm: lstm({ inputSize: 2, hiddenSize: 96 }), linear: linear({ inputSize: 96, outputSize: 2 }) };
  const model = sequential(layers, { random: seeded(1) });
  const steps = 3000;
  const rows = [[1, 0], [0.5, -1]]; // prettier-ignore
  const { values, turns } = await inTurns(from(rows).pipe(forecast(model, { steps })));
  assert.ok(turns > 1, `${turns} turns`);
  const inOneTurn: Forecast[] = [];
  from(rows).pipe(forecast(model, { steps, after: 'each' })).subscribe((found) => inOneTurn.push(found)); // prettier-ignore
  assert.equal(values, inOneTurn.slice(1));
  let left = false;
  from(rows)
    .pipe(forecast(model, { steps }))
    .subscribe(() => (left = true))
    .unsubscribe();
  await sleep(5);
  assert.not.ok(left);
});

/** Both operators, with the items of their results. */
const OPERATORS: Readonly<Record<string, (model: Model, onInvalid?: () => void, lanes?: number) => OperatorFunction<number[], { item: number[] }>>> = {
  classify: (model, onInvalid, lanes = 1) => classify<number[]>(model, { onInvalid, lanes }),
  surprisalBySequence: (model, onInvalid, lanes = 1) => surprisalBySequence<number[]>(model, { onInvalid, lanes }),
}; // prettier-ignore

for (const [name, stage] of Object.entries(OPERATORS)) {
  test(`${name}: what comes while a long sequence is read waits, and a sequence that has changed since is as it was`, async () => {
    const [model, source$, found] = [made(), new Subject<number[]>(), [] as (number | string)[]];
    const expected = await lastValueFrom(from([tokens(3)]).pipe(stage(model)));
    const ended = new Promise<void>((resolve) => {
      source$.pipe(stage(model)).subscribe({
        next: (value) => {
          found.push(value.item.length);
          if (value.item.length === 3) assert.equal({ ...value, item: 0 }, { ...expected, item: 0 });
        },
        complete: () => resolve(void found.push('end')),
      });
    });
    source$.next(tokens(LONG));
    assert.equal(found, []);
    const reused = tokens(3);
    source$.next(reused);
    reused.fill(4);
    source$.next(tokens(5));
    source$.complete();
    assert.equal(found, []);
    await ended;
    assert.equal(found, [LONG, 3, 5, 'end']);
  });

  test(`${name}: a failure of the source, or a bad sequence, comes after the answers to those before it`, async () => {
    const model = made();
    const fails: readonly Observable<number[]>[] = [
      concat(
        from([tokens(LONG), tokens(2)]),
        throwError(() => new RangeError('of the source')),
      ),
      concat(from([tokens(LONG), tokens(2), [SIZE]]), NEVER),
    ];
    for (const source$ of fails) {
      const found: number[] = [];
      const error = await new Promise((resolve) => {
        source$.pipe(stage(model)).subscribe({ next: ({ item }) => found.push(item.length), error: resolve });
      });
      assert.instance(error, RangeError);
      assert.equal(found, [LONG, 2]);
    }
    let invalid = 0;
    const read$ = from([tokens(LONG), [SIZE], tokens(2)]).pipe(stage(model, () => (invalid += 1)));
    assert.is((await lastValueFrom(read$.pipe(toArray()))).length, 2);
    assert.is(invalid, 1);
  });

  test(`${name}: a failure of the source, or a bad sequence, comes after the answers to a batch that is not full`, async () => {
    const model = made();
    const items = Array.from({ length: 6 }, (_, i) => tokens(i + 1));
    const failure$ = throwError(() => new RangeError('of the source'));
    for (const [lanes, before] of [
      [4, items],
      [9, items],
      [4, [...items, tokens(LONG)]],
      [3, [tokens(LONG), ...items]],
    ] as const) {
      for (const end$ of [failure$, concat(from([[SIZE]]), NEVER), concat(from([[SIZE]]), failure$)]) {
        const found: number[][] = [];
        const error = await new Promise((resolve) => {
          concat(from(before), end$)
            .pipe(stage(model, undefined, lanes))
            .subscribe({ next: ({ item }) => found.push(item), error: resolve });
        });
        assert.instance(error, RangeError);
        assert.equal(found, before);
      }
    }
  });

  test(`${name}: who leaves while a long sequence is read ends the reading`, async () => {
    let passes = 0;
    const model = made();
    const counted: Model = Object.create(model, {
      tape: {
        value: (steps: number, lanes: number) => {
          const tape = model.tape(steps, lanes);
          const { forward } = tape;
          tape.forward = (...given) => {
            passes += 1;
            forward.apply(tape, given);
          };
          return tape;
        },
      },
    }) as Model;
    const reading = from([tokens(20 * LONG), tokens(2)]).pipe(stage(counted)).subscribe(() => assert.unreachable()); // prettier-ignore
    await sleep(2);
    assert.ok(passes > 0);
    reading.unsubscribe();
    const before = passes;
    await sleep(20);
    assert.is(passes, before);
  });

  test(`${name}: no more than 1,024 sequences wait: then a long one is read to its end at once`, () => {
    const [model, source$, found] = [made(), new Subject<number[]>(), [] as number[]];
    source$.pipe(stage(model)).subscribe(({ item }) => found.push(item.length));
    source$.next(tokens(LONG));
    for (let i = 0; i < 1023; i++) source$.next([1]);
    assert.equal(found, []);
    source$.next([1]);
    assert.equal(found, [LONG, ...Array.from({ length: 1024 }, () => 1)]);
  });
}

test.run();
