import { test } from 'uvu';
import { steering, studio, type Studio } from '../../src/studio.js';
import { operatorTable, row } from '../support/operatorTable.js';

let page: Studio | undefined;
/** One page for all rows: what it shows does not matter here. */
function shown(): Studio {
  page ??= studio({ onUrl: () => undefined });
  return page;
}

const step = (
  step: number,
): { step: number; tokens: number; loss: number; gradientNorm: number; learningRate: number } => ({
  step,
  tokens: 2 * step,
  loss: 1 / step,
  gradientNorm: 1,
  learningRate: 0.1,
});
const steps = { a: step(1), b: step(2), c: step(3) };
const points = { a: { value: 1 }, b: { value: NaN }, c: { value: 2, expected: 1, alarm: true } };

operatorTable({
  lane: row({
    operator: () => shown().lane<unknown>('steps'),
    values: steps,
    results: steps,
    throws: 'it takes no function, and any value',
  }),
  series: row({
    operator: () => shown().series('numbers'),
    values: points,
    results: points,
    throws: 'it takes no function, and what is not a number is drawn as nothing',
  }),
  follow: row({
    operator: () => steering({ learningRate: 1 }).follow(),
    values: steps,
    results: steps,
    throws: 'it takes no function, and any value',
  }),
});

test.after(() => page?.close());
test.run();
