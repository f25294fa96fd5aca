import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear, loadStateDict, rnn, seeded, sequential, stateDict } from '../../src/index.js';

const rnnOf = () => rnn({ inputSize: 3, hiddenSize: 2 });
const head = (outputSize: number) => linear({ inputSize: 2, outputSize });

test('what fits by name is loaded where not strict; what is missing stays, what is unknown is left out', () => {
  const from = sequential({ rnn: rnnOf(), old: head(3) }, { random: seeded(1) });
  const to = sequential({ rnn: rnnOf(), fc: head(5) }, { random: seeded(2) });
  const before = stateDict(to);
  const result = loadStateDict(to, stateDict(from), { strict: false });
  assert.equal(result, { missing: ['fc.weight', 'fc.bias'], unknown: ['old.weight', 'old.bias'] });
  const after = stateDict(to);
  assert.equal(after.get('rnn.weight_ih_l0'), stateDict(from).get('rnn.weight_ih_l0'));
  assert.equal(after.get('fc.weight'), before.get('fc.weight'));
});

test('strict is the default, and says what is missing and what there is instead', () => {
  const from = sequential({ rnn: rnnOf(), old: head(3) });
  const to = sequential({ rnn: rnnOf(), fc: head(3) });
  const before = stateDict(to);
  assert.throws(
    () => loadStateDict(to, stateDict(from)),
    /^loadStateDict: missing fc.weight, fc.bias; there are old.weight, old.bias, which the model does not have$/,
  );
  assert.equal(stateDict(to), before);
  assert.equal(loadStateDict(to, before), { missing: [], unknown: [] });
});

test('a shape that differs is refused where not strict, too, before anything is written', () => {
  const to = sequential({ rnn: rnnOf(), fc: head(3) });
  const before = stateDict(to);
  const from = sequential({ rnn: rnnOf(), fc: head(5) }, { random: seeded(9) });
  assert.throws(
    () => loadStateDict(to, stateDict(from), { strict: false }),
    /^loadStateDict: fc.weight has shape \[3, 2\], got/,
  );
  assert.equal(stateDict(to), before);
});

for (const dtype of ['float32', 'float64'] as const) {
  test(`${dtype}: numbers that are not finite are refused by name and place, before anything is written`, () => {
    const to = sequential({ rnn: rnnOf(), fc: head(3) }, { dtype });
    const before = stateDict(to);
    const large = dtype === 'float32' ? [[1e39, 'is too large for float32, got 1e\\+39']] : [];
    for (const [bad, message] of [
      [NaN, 'must be finite, got NaN'],
      [Infinity, 'must be finite, got Infinity'],
      [-Infinity, 'must be finite, got -Infinity'],
      ...large,
    ] as [number, string][]) {
      const given = new Map(
        [...before].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
      );
      given.get('rnn.weight_ih_l0')!.data[0] = 5;
      given.get('fc.bias')!.data[2] = bad;
      for (const strict of [true, false]) {
        assert.throws(
          () => loadStateDict(to, given, { strict }),
          new RegExp(`^loadStateDict: number 2 of fc\\.bias ${message}$`),
        );
      }
      assert.equal(stateDict(to), before);
    }
  });
}

test.run();
