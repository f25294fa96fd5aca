import { from, of } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles } from '../../src/record/marbles.js';
import { labelled, type LabelledSequence } from '../../src/token/labelled.js';
import type { Window } from '../../src/types.js';
import { collected } from '../learn/support.js';

const a = { sequence: [4, 5], label: 1 };
const b = { sequence: Int32Array.of(6), label: 0 };
const c = { sequence: [7, 8, 9], label: 2 };
const windowsOf = (items: readonly LabelledSequence[], lanes?: number): Window[] => {
  const { values, error } = collected(from(items).pipe(labelled(lanes === undefined ? {} : { lanes })));
  if (error) throw error;
  return values;
};

marbles('a window when its lanes are full, and the rest at the end', ({ cold, expectObservable }) => {
  const x: Window = {
    steps: 2,
    lanes: 2,
    inputs: Int32Array.of(4, 6, 5, -1),
    targets: Int32Array.of(0, 0, 1, 0),
    mask: Uint8Array.of(1, 1, 1, 0),
    targetMask: Uint8Array.of(0, 1, 1, 0),
    resets: Uint8Array.of(1, 1),
  };
  const y: Window = {
    steps: 3,
    lanes: 1,
    inputs: Int32Array.of(7, 8, 9),
    targets: Int32Array.of(0, 0, 2),
    targetMask: Uint8Array.of(0, 0, 1),
    resets: Uint8Array.of(1),
  };
  expectObservable(cold('-a-b-c-|', { a, b, c }).pipe(labelled({ lanes: 2 }))).toBe('---x---(y|)', { x, y });
});

test('rows of numbers, and labels of several numbers', () => {
  const items = [
    { sequence: [[1, 2], Float32Array.of(3, 4)], label: [0.5, -1, 2] },
    { sequence: [[5, 6]], label: Float64Array.of(1, 2, 3) },
  ];
  const [window] = windowsOf(items, 2);
  assert.equal([...window!.inputs], [1, 2, 5, 6, 3, 4, 0, 0]);
  assert.equal([...window!.targets], [0, 0, 0, 1, 2, 3, 0.5, -1, 2, 0, 0, 0]);
  assert.equal([...window!.targetMask!], [0, 1, 1, 0]);
  assert.ok(window!.inputs instanceof Float64Array && window!.targets instanceof Float64Array);
});

test('each lane has one target that counts, at its last step', () => {
  const items = Array.from({ length: 50 }, (_, i) => ({
    sequence: Array<number>(1 + ((i * 7) % 9)).fill(i),
    label: i,
  }));
  const windows = windowsOf(items, 8);
  assert.equal(
    windows.map(({ lanes }) => lanes),
    [8, 8, 8, 8, 8, 8, 2],
  );
  let seen = 0;
  for (const { steps, lanes, targets, targetMask, mask } of windows) {
    for (let lane = 0; lane < lanes; lane++, seen++) {
      const { length } = items[seen]!.sequence;
      for (let t = 0; t < steps; t++) {
        const row = t * lanes + lane;
        assert.is(targetMask![row], Number(t === length - 1));
        assert.is(mask?.[row] ?? 1, Number(t < length));
        if (t === length - 1) assert.is(targets[row], seen);
      }
    }
  }
});

test('windows own their arrays', () => {
  const sequence = Int32Array.of(1, 2);
  const [window] = windowsOf([{ sequence, label: 0 }]);
  sequence.fill(9);
  assert.equal([...window!.inputs], [1, 2]);
});

const refused: [string, unknown[], RegExp][] = [
  ['what is not a pair', [[1, 2]], /^labelled: value 0 must be \{ sequence, label \}, got/],
  [
    'a text',
    [{ sequence: 'ab', label: 0 }],
    /^labelled: sequence 0 must be a list of tokens or of rows of numbers, got "ab"$/,
  ],
  ['an empty sequence', [a, { sequence: [], label: 0 }], /^labelled: sequence 1 is empty; it needs at least one step$/],
  [
    'half a token',
    [a, { sequence: [1, 0.5], label: 0 }],
    /^labelled: the token at index 1 of sequence 1 must be an integer, got 0\.5$/,
  ],
  ['symbols', [{ sequence: [1, 'b'], label: 0 }], /must be an integer, got "b"; turn symbols into tokens with encode$/],
  [
    'rows after tokens',
    [a, { sequence: [[1]], label: 0 }],
    /^labelled: the token at index 0 of sequence 1 must be an integer/,
  ],
  [
    'tokens after rows',
    [{ sequence: [[1]], label: 0 }, a],
    /^labelled: row 0 of sequence 1 must have 1 numbers, as those before, got 4$/,
  ],
  [
    'rows of another width',
    [{ sequence: [[1, 2], [3]], label: 0 }],
    /^labelled: row 1 of sequence 0 must have 2 numbers, as those before, got 1$/,
  ],
  [
    'half a class',
    [{ sequence: [1], label: 0.5 }],
    /^labelled: the label of sequence 0 must be a token, an integer from 0 up, or a list/,
  ],
  ['a negative class', [{ sequence: [1], label: -1 }], /must be a token, an integer from 0 up/],
  [
    'a class that is NaN',
    [{ sequence: [1], label: NaN }],
    /must be a token, an integer from 0 up, or a list of numbers, got NaN$/,
  ],
  [
    'no label',
    [{ sequence: [1], label: undefined }],
    /^labelled: the label of sequence 0 must be a token or a list of numbers, got undefined$/,
  ],
  [
    'numbers after classes',
    [a, { sequence: [1], label: [1] }],
    /^labelled: the label of sequence 1 must be a token, as those before, got 1 numbers$/,
  ],
];
for (const [name, items, message] of refused) {
  test(`refused: ${name}`, () => {
    const { error } = collected(from(items as LabelledSequence[]).pipe(labelled()));
    assert.match(error?.message ?? 'no error', message);
  });
}

test('refused: lanes', () => {
  assert.throws(() => labelled({ lanes: 0 }), /^labelled: lanes must be a positive integer, got 0$/);
  assert.equal(collected(of<LabelledSequence>().pipe(labelled({ lanes: 3 }))).values, []);
});

test.run();
