import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { zeros } from '../../src/kernel/zeros.js';
import { linear } from '../../src/layer/linear.js';
import { sequential } from '../../src/model/sequential.js';

test('zeros are of the dtype', () => {
  assert.equal([zeros('float32', 2), zeros('float64', 1)], [new Float32Array(2), new Float64Array(1)]);
});

test('what does not fit in memory is an error that says how much it is', () => {
  const size = 2 ** 33;
  assert.throws(
    () => zeros('float32', size * size),
    /^model: 73786976294838210000 numbers of float32 \(2\.75e\+11 GiB\) do not fit in memory$/,
  );
  for (const dtype of ['float32', 'float64'] as const) {
    assert.throws(
      () => sequential({ linear: linear({ inputSize: size, outputSize: size }) }, { backend: 'plain', dtype }),
      /^model: \d+ numbers of float(32|64) \(.* GiB\) do not fit in memory$/,
    );
  }
});

test.run();
