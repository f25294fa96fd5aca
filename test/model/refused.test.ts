import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear, rnn, seq2seq, sequential, stateDict } from '../../src/index.js';

const l = linear({ inputSize: 2, outputSize: 1 });
const cell = rnn({ inputSize: 2, hiddenSize: 2 });
const model = sequential({ l });

const refused: [() => unknown, string][] = [
  [() => model.zeroState(-1), 'sequential: lanes must be a positive integer, got -1'],
  [() => model.zeroState(1.5), 'sequential: lanes must be a positive integer, got 1.5'],
  [
    () => sequential({ l }, { frozen: 'l.weight' as never }),
    'sequential: frozen must be an array of names, got "l.weight"',
  ],
  [() => sequential({ l }, { random: 5 as never }), 'sequential: random must be a generator such as seeded(0), got 5'],
  [
    () => sequential({ l }, { random: null as never }),
    'sequential: random must be a generator such as seeded(0), got null',
  ],
  [
    () => sequential({ l }, { stateDict: [] as never }),
    'sequential: stateDict must be a map as stateDict returns it, got []',
  ],
  [() => sequential({ l }, { stateDict: new Map() }), 'loadStateDict: missing l.weight, l.bias'],
  [() => sequential({ l: undefined as never }), 'sequential: l must be a layer such as linear({ … }), got undefined'],
  [() => sequential({ a: l, b: 3 as never }), 'sequential: b must be a layer such as linear({ … }), got 3'],
  [
    () => seq2seq({ encoder: cell, decoder: null as never, fc: l }),
    'seq2seq: decoder must be a layer such as linear({ … }), got null',
  ],
];
for (const [use, message] of refused) {
  test(message, () => {
    assert.throws(use, (error: unknown) => error instanceof Error && error.message === message);
  });
}

test('with a stateDict nothing is drawn, and the weights are its copies', () => {
  const random = { uniform: () => assert.unreachable() } as never;
  const weights = stateDict(model);
  const copy = sequential({ l }, { stateDict: weights, random });
  weights.get('l.bias')!.data.fill(9);
  assert.equal(stateDict(copy), stateDict(model));
});

test.run();
