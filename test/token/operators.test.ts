import { test } from 'uvu';
import { decode } from '../../src/token/decode.js';
import { encode } from '../../src/token/encode.js';
import { labelled } from '../../src/token/labelled.js';
import { oneHot } from '../../src/token/oneHot.js';
import { sequences } from '../../src/token/sequences.js';
import { vocabulary } from '../../src/token/vocabulary.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';
import { windows } from '../../src/token/windows.js';
import { words } from '../../src/token/words.js';
import type { Window } from '../../src/types.js';
import { operatorTable, row } from '../support/operatorTable.js';

const letters = vocabularyOf(['a', 'b', 'c']);
const symbols = { a: 'a', b: 'b', c: 'c' };
const tokens = { a: 0, b: 1, c: 2 };
const reset = Uint8Array.of(1);
const cut = (inputs: readonly number[], targets: readonly number[], resets?: Uint8Array): Window => ({
  steps: inputs.length,
  lanes: 1,
  inputs: Int32Array.from(inputs),
  targets: Int32Array.from(targets),
  ...(resets && { resets }),
});
const unknownLetter = new RangeError('encode: unknown symbol "x" (U+0078) at index 1');

operatorTable({
  decode: row({
    operator: () => decode(letters),
    values: tokens,
    results: symbols,
    throws: {
      values: { x: 3 },
      diagrams: ['-a-x-b', '-a-#'],
      error: new RangeError('decode: token 3 at index 1 is outside the vocabulary of 3'),
    },
  }),
  encode: row({
    operator: () => encode(letters),
    values: symbols,
    results: tokens,
    throws: { values: { x: 'x' }, diagrams: ['-a-x-b', '-a-#'], error: unknownLetter },
  }),
  "encode, the user's onUnknown": row({
    operator: () => encode(letters, { unknown: 'skip' }),
    values: symbols,
    results: tokens,
    throws: {
      operator: () => encode(letters, { unknown: 'skip', onUnknown: throwing }),
      values: { x: 'x' },
      diagrams: ['-a-x-b', '-a-#'],
      error: new Error('the user failed'),
    },
  }),
  labelled: row({
    operator: () => labelled(),
    values: { a: { sequence: [1, 2], label: 1 }, b: { sequence: [0], label: 0 }, c: { sequence: [3], label: 2 } },
    results: {
      a: { ...cut([1, 2], [0, 1], reset), targetMask: Uint8Array.of(0, 1) },
      b: { ...cut([0], [0], reset), targetMask: reset },
      c: { ...cut([3], [2], reset), targetMask: reset },
    },
    throws: {
      values: { x: { sequence: [], label: 0 } },
      diagrams: ['-a-x-b', '-a-#'],
      error: new RangeError('labelled: sequence 1 is empty; it needs at least one step'),
    },
  }),
  oneHot: row({
    operator: () => oneHot(3),
    values: tokens,
    results: { a: Float64Array.of(1, 0, 0), b: Float64Array.of(0, 1, 0), c: Float64Array.of(0, 0, 1) },
    throws: {
      values: { x: 3 },
      diagrams: ['-a-x-b', '-a-#'],
      error: new RangeError('oneHot: token at index 1 must be an integer from -1 to 2, got 3'),
    },
  }),
  sequences: row({
    operator: () => sequences({ end: 0 }),
    values: { a: [1, 2], b: [], c: [3] },
    results: { a: cut([-1, 1, 2], [1, 2, 0], reset), b: cut([-1], [0], reset), c: cut([-1, 3], [3, 0], reset) },
    throws: {
      values: {
        x: {
          get length(): number {
            return throwing();
          },
        },
      },
      diagrams: ['-a-x-b', '-a-#'],
      error: new Error('the user failed'),
    },
  }),
  vocabulary: row({
    operator: () => vocabulary(),
    values: symbols,
    results: { x: ['a', 'b', 'c'] },
    look: ({ symbols }) => symbols,
    emits: ['-a-b-c-|', '-------(x|)'],
    empty: '#',
    emptyError: new RangeError('vocabulary: the corpus is empty'),
    fails: ['-a-#', '---#'],
    throws: {
      operator: () => vocabulary({ minCount: 2 }),
      diagrams: ['-a-|', '---#'],
      error: new RangeError('vocabulary: no symbol occurs 2 times'),
    },
  }),
  windows: row({
    operator: () => windows({ steps: 1 }),
    values: tokens,
    results: { b: cut([0], [1], reset), c: cut([1], [2]) },
    emits: ['-a-b-c-|', '---b-c-|'],
    fails: ['-a-b-#', '---b-#'],
    throws: 'it runs nothing of the user and takes every number',
  }),
  words: row({
    operator: () => words(),
    values: { a: 'a', b: ' ', c: 'c' },
    results: { a: 'a', b: ' ', c: 'c' },
    emits: ['-a-b-c-|', '---(ab)(c|)'],
    fails: ['-a-b-----#', '---(ab)--#'],
    throws: 'it runs nothing of the user and takes every text',
  }),
});

test.run();

function throwing(): never {
  throw new Error('the user failed');
}
