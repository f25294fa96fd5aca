import * as fc from 'fast-check';
import { bufferCount, from, lastValueFrom, map, range, repeat, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles } from '../../src/record/marbles.js';
import { windows } from '../../src/token/windows.js';
import type { Token, Window } from '../../src/types.js';

const values = { a: 10, b: 11, c: 12, d: 13, e: 14, f: 15 };
const reset = Uint8Array.of(1);

function cut(tokens: Iterable<Token>, options: { steps: number; lanes?: number }): Promise<Window[]> {
  return lastValueFrom(from(tokens).pipe(windows(options), toArray()));
}

marbles('cuts a stream into windows and emits the rest', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold(' -a-b-c-d-e-f-|', values);
  const subs = '        ^------------!';
  const expected = '    -----x---y---(z|)';

  expectObservable(source.pipe(windows({ steps: 2 }))).toBe(expected, {
    x: { steps: 2, lanes: 1, inputs: Int32Array.of(10, 11), targets: Int32Array.of(11, 12), resets: reset },
    y: { steps: 2, lanes: 1, inputs: Int32Array.of(12, 13), targets: Int32Array.of(13, 14) },
    z: { steps: 1, lanes: 1, inputs: Int32Array.of(14), targets: Int32Array.of(15) },
  });
  expectSubscriptions(source.subscriptions).toBe(subs);
});

marbles('a rest without a target is not emitted', ({ cold, expectObservable }) => {
  const source = cold(' -a-b-c-|', values);
  const expected = '    -----x-|';
  const x = { steps: 2, lanes: 1, inputs: Int32Array.of(10, 11), targets: Int32Array.of(11, 12), resets: reset };
  expectObservable(source.pipe(windows({ steps: 2 }))).toBe(expected, { x });
});

marbles('overlaps lanes by a row', ({ cold, expectObservable }) => {
  const source = cold(' -(ad)-(be)-(cf)-|', values);
  const expected = '    ------x----y----|';

  expectObservable(source.pipe(windows({ steps: 1, lanes: 2 }))).toBe(expected, {
    x: {
      steps: 1,
      lanes: 2,
      inputs: Int32Array.of(10, 13),
      targets: Int32Array.of(11, 14),
      resets: Uint8Array.of(1, 1),
    },
    y: { steps: 1, lanes: 2, inputs: Int32Array.of(11, 14), targets: Int32Array.of(12, 15) },
  });
});

for (const [name, diagram] of [
  ['empty', '|'],
  ['never', '-'],
  ['a single token', '-a-|'],
  ['error', '-#'],
] as const) {
  marbles(`emits no window of ${name}`, ({ cold, expectObservable }) => {
    expectObservable(cold(diagram, values).pipe(windows({ steps: 3 }))).toBe(diagram.replace('a', '-'));
  });
}

marbles('an error drops the rest', ({ cold, expectObservable }) => {
  expectObservable(cold('-a-b-#', values).pipe(windows({ steps: 3 }))).toBe('-----#');
});

test('is bufferCount(steps + 1, steps) for one lane', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(99), { maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      async (tokens, steps) => {
        const stock$ = from(tokens).pipe(bufferCount(steps + 1, steps), toArray());
        const expected = (await lastValueFrom(stock$)).filter((buffer) => buffer.length > 1);
        const actual = await cut(tokens, { steps });
        assert.equal(
          actual.map(({ inputs, targets }) => [...inputs, targets.at(-1)]),
          expected,
        );
        assert.equal(
          actual.map(({ targets }) => [...targets]),
          expected.map((buffer) => buffer.slice(1)),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('each lane has the windows that it has alone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(4),
      async (lanes, rows, steps, more) => {
        const tokens = Array.from({ length: rows * lanes + (more % lanes) }, (_, i) => 7 * i + 1);
        const together = await cut(tokens, { steps, lanes });
        for (let lane = 0; lane < lanes; lane++) {
          const own = tokens.slice(0, rows * lanes).filter((_, i) => i % lanes === lane);
          const alone = await cut(own, { steps });
          assert.equal(
            together.map((window) => [pick(window.inputs, lanes, lane), pick(window.targets, lanes, lane)]),
            alone.map(({ inputs, targets }) => [[...inputs], [...targets]]),
          );
        }
      },
    ),
  );
});

test('only the first window of a subscription resets, and all lanes of it', async () => {
  const cutting = windows({ steps: 1, lanes: 3 });
  for (let k = 0; k < 2; k++) {
    const resets = await lastValueFrom(
      range(0, 12).pipe(
        cutting,
        map((window) => window.resets),
        toArray(),
      ),
    );
    assert.equal(resets, [Uint8Array.of(1, 1, 1), undefined, undefined]);
  }
});

test('repeat after it starts from zeros, repeat before it carries on', async () => {
  const tokens = [1, 2, 3];
  const after = await lastValueFrom(from(tokens).pipe(windows({ steps: 2 }), repeat(2), toArray()));
  assert.equal(
    after.map(({ inputs, resets }) => [[...inputs], resets !== undefined]),
    [
      [[1, 2], true],
      [[1, 2], true],
    ],
  );
  const before = await lastValueFrom(from(tokens).pipe(repeat(2), windows({ steps: 2 }), toArray()));
  assert.equal(
    before.map(({ inputs, resets }) => [[...inputs], resets !== undefined]),
    [
      [[1, 2], true],
      [[3, 1], false],
      [[2], false],
    ],
  );
});

test('a window does not change when the stream goes on', async () => {
  const seen: [Window, number[], number[]][] = [];
  await lastValueFrom(
    range(0, 100).pipe(
      windows({ steps: 3 }),
      map((window) => seen.push([window, [...window.inputs], [...window.targets]])),
    ),
  );
  for (const [window, inputs, targets] of seen)
    assert.equal([[...window.inputs], [...window.targets]], [inputs, targets]);
  assert.is(new Set(seen.flatMap(([{ inputs, targets }]) => [inputs.buffer, targets.buffer])).size, 2 * seen.length);
});

test('keeps -1, which means no input', async () => {
  assert.equal([...(await cut([-1, 5], { steps: 4 }))[0]!.inputs], [-1]);
});

for (const [options, message] of [
  [{ steps: 0 }, 'windows: steps must be a positive integer, got 0'],
  [{ steps: 2.5 }, 'windows: steps must be a positive integer, got 2.5'],
  [{ steps: 1, lanes: -1 }, 'windows: lanes must be a positive integer, got -1'],
  [25 as unknown as { steps: number }, 'windows: options must be an object, got 25'],
] as const) {
  test(`refuses ${JSON.stringify(options)} at once`, () => {
    assert.throws(
      () => windows(options),
      (error: unknown) => error instanceof Error && error.message === message,
    );
  });
}

test.run();

function pick(numbers: Iterable<number>, lanes: number, lane: number): number[] {
  return [...numbers].filter((_, i) => i % lanes === lane);
}
