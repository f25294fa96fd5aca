// Products by the system's BLAS, where there are koffi and a BLAS; counted as skipped where not.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Kernel } from '../../../src/kernel/kernel.js';
import { native } from '../../../src/kernel/native/native.js';
import { plain } from '../../../src/kernel/plain/plain.js';
import { numpyRandom } from '../../../src/random/numpyRandom.js';

const NEEDED = /^backend native: (needs the package koffi|found no BLAS)/;

let kernel: Kernel | undefined;
try {
  kernel = native('float64', 1);
} catch (error) {
  if (!(error instanceof Error && NEEDED.test(error.message))) throw error;
  console.log(`SKIPPED the BLAS products: ${error.message}`);
}

const found = kernel;
if (found) {
  test('products are those of plain TypeScript, for one row and for many', () => {
    const slow = plain('float64');
    assert.equal([found.backend, slow.backend], ['native', 'plain']);
    for (const rows of [1, 2, 9]) {
      const [inputs, outputs] = [13, 7];
      const results = [found, slow].map((kernel) => {
        const random = numpyRandom(rows);
        const make = (length: number) => {
          const numbers = kernel.allocate(length);
          for (let i = 0; i < length; i++) numbers[i] = random.normal();
          return numbers;
        };
        const [y, x, w, dw] = [rows * outputs, rows * inputs, inputs * outputs, inputs * outputs].map(make);
        const matrix = kernel.matrix(w!, inputs, outputs);
        matrix.multiply(y!, x!, rows);
        matrix.multiplyBack(x!, y!, rows);
        kernel.outer(dw!, y!, x!, rows, inputs, outputs);
        return [...y!, ...x!, ...dw!];
      });
      for (const [i, value] of results[1]!.entries()) assert.ok(Math.abs(results[0]![i]! - value) < 1e-11, `${rows}`);
    }
  });

  test('passes with products of the library are repeated without being run, to the same numbers', () => {
    const scope = found.scope();
    const [y, x, w, dw] = [4, 4, 4, 4].map((length) => scope.allocate(length));
    w!.set([1, 0, 2, 1]);
    const matrix = found.matrix(w!, 2, 2);
    const repeat = scope.repeat();
    let runs = 0;
    for (let pass = 1; pass < 5; pass++) {
      x!.set([pass, 0, 0, 1]);
      repeat(1, () => {
        runs++;
        found.zero(y!, 4);
        found.zero(dw!, 4);
        matrix.multiply(y!, x!, 2);
        found.addRows(y!, x!, 1, 4);
        found.outer(dw!, y!, x!, 2, 2, 2);
      });
      assert.equal([...y!, ...dw!], [2 * pass, 2 * pass, 0, 2, 2 * pass ** 2, 0, 2 * pass ** 2, 2]);
    }
    assert.is(runs, 2);
    scope.free();
  });
}

test('a library that is not there is named', () => {
  if (!found) return;
  process.env['RXRNN_BLAS'] = 'libnothing.so';
  assert.throws(() => native('float32', 1), /found no BLAS \(libnothing\.so\); install OpenBLAS/);
  delete process.env['RXRNN_BLAS'];
});

test.run();
