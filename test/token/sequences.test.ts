import * as fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles } from '../../src/record/marbles.js';
import { sequences, type SequencesOptions } from '../../src/token/sequences.js';
import type { Token, Window } from '../../src/types.js';

const values = { a: [5, 6], b: [7], c: [], d: [8, 9, 10] };
const one = Uint8Array.of(1);
const a = { steps: 3, lanes: 1, inputs: Int32Array.of(-1, 5, 6), targets: Int32Array.of(5, 6, 0) };
const b = { steps: 2, lanes: 1, inputs: Int32Array.of(-1, 7), targets: Int32Array.of(7, 0) };
const c = { steps: 1, lanes: 1, inputs: Int32Array.of(-1), targets: Int32Array.of(0) };

function cut(list: ArrayLike<Token>[], options: SequencesOptions): Promise<Window[]> {
  return lastValueFrom(from(list).pipe(sequences(options), toArray()));
}

marbles('one sequence is one window that resets', ({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold<ArrayLike<Token>>(' -a-b-c-|', values);
  const subs = '                          ^------!';
  const expected = '                      -a-b-c-|';

  expectObservable(source.pipe(sequences({ end: 0 }))).toBe(expected, {
    a: { ...a, resets: one },
    b: { ...b, resets: one },
    c: { ...c, resets: one },
  });
  expectSubscriptions(source.subscriptions).toBe(subs);
});

marbles('carry resets with the first window alone', ({ cold, expectObservable }) => {
  const source = cold<ArrayLike<Token>>(' -a-b-c-|', values);
  const expected = '                      -a-b-c-|';
  expectObservable(source.pipe(sequences({ end: 0, carry: true }))).toBe(expected, { a: { ...a, resets: one }, b, c });
});

marbles('lanes are padded and masked; the rest has fewer lanes', ({ cold, expectObservable }) => {
  const source = cold<ArrayLike<Token>>(' -a-b-d-|', values);
  const expected = '                      ---x---(y|)';
  expectObservable(source.pipe(sequences({ end: 3, lanes: 2 }))).toBe(expected, {
    x: {
      steps: 3,
      lanes: 2,
      inputs: Int32Array.of(-1, -1, 5, 7, 6, -1),
      targets: Int32Array.of(5, 7, 6, 3, 3, 0),
      mask: Uint8Array.of(1, 1, 1, 1, 1, 0),
      resets: Uint8Array.of(1, 1),
    },
    y: { steps: 4, lanes: 1, inputs: Int32Array.of(-1, 8, 9, 10), targets: Int32Array.of(8, 9, 10, 3), resets: one },
  });
});

marbles('sequences of one length need no mask', ({ cold, expectObservable }) => {
  const source = cold<ArrayLike<Token>>(' -(bb|)', values);
  const expected = '                      -(x|)';
  expectObservable(source.pipe(sequences({ end: 0, lanes: 2 }))).toBe(expected, {
    x: {
      steps: 2,
      lanes: 2,
      inputs: Int32Array.of(-1, -1, 7, 7),
      targets: Int32Array.of(7, 7, 0, 0),
      resets: Uint8Array.of(1, 1),
    },
  });
});

for (const diagram of ['|', '-', '-#']) {
  marbles(`emits nothing of ${diagram}`, ({ cold, expectObservable }) => {
    expectObservable(cold<ArrayLike<Token>>(diagram).pipe(sequences({ end: 0, lanes: 2 }))).toBe(diagram);
  });
}

test('every lane of a padded window is the sequence alone', async () => {
  const sequence = fc.array(fc.nat(30), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(sequence, { maxLength: 9 }), fc.integer({ min: 1, max: 4 }), async (list, lanes) => {
      const back = (await cut(list, { end: 31, lanes })).flatMap((window) =>
        Array.from({ length: window.lanes }, (_, lane) => unpadded(window, lane)),
      );
      assert.equal(
        back,
        list.map((tokens) => ({ inputs: [-1, ...tokens], targets: [...tokens, 31] })),
      );
    }),
  );
});

test('takes typed arrays', async () => {
  assert.equal(await cut([Uint8Array.of(5, 6)], { end: 0 }), [{ ...a, resets: one }]);
});

for (const [options, message] of [
  [{ end: -1 }, 'sequences: end must be an integer from 0 up, got -1'],
  [{} as SequencesOptions, 'sequences: end must be an integer from 0 up, got undefined'],
  [{ end: 0, lanes: 0 }, 'sequences: lanes must be a positive integer, got 0'],
  [{ end: 0, carry: true, lanes: 2 }, 'sequences: carry needs lanes to be 1, got 2'],
] as const) {
  test(`refuses ${JSON.stringify(options)} at once`, () => {
    assert.throws(
      () => sequences(options),
      (error: unknown) => error instanceof Error && error.message === message,
    );
  });
}

test.run();

function unpadded(window: Window, lane: number): { inputs: number[]; targets: number[] } {
  const inputs: number[] = [];
  const targets: number[] = [];
  for (let i = lane; i < window.inputs.length; i += window.lanes) {
    if (window.mask?.[i] === 0) {
      assert.equal([window.inputs[i], window.targets[i]], [-1, 0]);
      continue;
    }
    inputs.push(window.inputs[i]!);
    targets.push(window.targets[i]!);
  }
  return { inputs, targets };
}
