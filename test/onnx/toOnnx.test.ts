import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear, sequential } from '../../src/index.js';
import { toOnnx } from '../../src/onnx/toOnnx.js';
import { apart, CASES, drawWindow, modelOf, runModel, runOnnx } from './runs.js';

for (const [name, it] of Object.entries(CASES)) {
  test(`${name}: onnxruntime gives the same numbers and states, to 1e-5`, async () => {
    const model = modelOf(it);
    const bytes = toOnnx(model, it.inputs && { inputs: it.inputs });
    for (const [steps, lanes] of [
      [1, 1],
      [6, 3],
    ] as const) {
      const window = drawWindow(model, it, steps, lanes);
      const expected = runModel(model, window, steps, lanes);
      const difference = apart(expected, await runOnnx(bytes, model, window, steps, lanes));
      assert.ok(difference < 1e-5, `${difference} apart, ${steps} × ${lanes}`);
    }
  });
}

test('every layer of the library has a case here, or is known not to be written', () => {
  const text = readFileSync(new URL('../../src/model/buildModel.ts', import.meta.url), 'utf8');
  const listed = /const LAYERS: LayerMakers = \{([^}]*)\}/.exec(text)![1]!.match(/\w+/g)!;
  const written = new Set(Object.values(CASES).flatMap(({ layers }) => Object.values(layers).map(({ kind }) => kind)));
  assert.equal(
    listed.filter((kind) => !written.has(kind)),
    ['attention', 'ngramEmbedding'],
  );
});

test('refused: a layer of your own', () => {
  const own = { ...linear({ inputSize: 2, outputSize: 2 }), kind: 'own' };
  assert.throws(
    () => toOnnx(sequential({ it: own })),
    /toOnnx: layer it is of kind own, which cannot be written; there are rnn/,
  );
});

test.run();
