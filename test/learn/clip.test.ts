import { from, identity, type MonoTypeOperatorFunction, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { clipGradNorm } from '../../src/learn/clipGradNorm.js';
import { clipGradValue } from '../../src/learn/clipGradValue.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { gradients } from '../../src/learn/gradients.js';
import type { Differentiated } from '../../src/learn/stages.js';
import { unroll } from '../../src/learn/unroll.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import { windows } from '../../src/token/windows.js';

/** The gradients of one window behind an operator, all in one list. */
function gradientsBehind(clip: MonoTypeOperatorFunction<Differentiated>): number[] {
  const model = sequential(
    { linear: linear({ inputSize: 3, outputSize: 3 }) },
    { dtype: 'float64', random: seeded('clip') },
  );
  let found: number[] = [];
  from([0, 1, 2, 0, 0])
    .pipe(
      windows({ steps: 4 }),
      unroll(model),
      crossEntropy(),
      backpropagate(model),
      clip,
      tap((handle) => (found = [...gradients(handle).values()].flatMap(({ data }) => [...data]))),
    )
    .subscribe();
  return found;
}

const plain = gradientsBehind(identity);
const sizes = plain.map(Math.abs);
const norms: readonly [normType: number | undefined, norm: number][] = [
  [undefined, Math.hypot(...plain)],
  [1, sizes.reduce((sum, size) => sum + size)],
  [2, Math.hypot(...plain)],
  [Infinity, Math.max(...sizes)],
  ...[0.5, 1.5, 3, 40].map((p) => [p, sizes.reduce((sum, size) => sum + size ** p, 0) ** (1 / p)] as [number, number]),
];

for (const [normType, norm] of norms) {
  const options = normType === undefined ? {} : { normType };
  const name = normType === undefined ? 'by default' : `normType ${normType}`;

  test(`clipGradNorm, ${name}: what exceeds the norm is scaled to it, all by one factor`, () => {
    const factor = (0.001 * norm) / (norm + 1e-6);
    const clipped = gradientsBehind(clipGradNorm(0.001 * norm, options));
    for (const [i, value] of clipped.entries()) {
      assert.ok(Math.abs(value - plain[i]! * factor) <= 1e-13 * Math.abs(value), `${value}, not ${plain[i]! * factor}`);
    }
  });

  test(`clipGradNorm, ${name}: what does not stays to the bit`, () => {
    assert.equal(gradientsBehind(clipGradNorm(1.01 * norm, options)), plain);
  });
}

test('clipGradValue holds each gradient in its limits by itself', () => {
  const limit = Math.max(...sizes) / 2;
  assert.ok(sizes.some((size) => size < limit));
  assert.equal(
    gradientsBehind(clipGradValue(limit)),
    plain.map((value) => Math.min(limit, Math.max(-limit, value))),
  );
});

test.run();
