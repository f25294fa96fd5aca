import { test } from 'uvu';
import { columns } from '../../src/series/columns.js';
import { leastSquares } from '../../src/series/leastSquares.js';
import { scale } from '../../src/series/scale.js';
import { scaling } from '../../src/series/scaling.js';
import { scalingOf } from '../../src/series/scalingOf.js';
import { seriesWindows } from '../../src/series/seriesWindows.js';
import { operatorTable, row } from '../support/operatorTable.js';

const rows = { a: [1], b: [3], c: [5] };
const notFinite = (who: string): RangeError => new RangeError(`${who}: number 0 of row 1 must be finite, got NaN`);

operatorTable({
  columns: row({
    operator: () => columns('n'),
    values: { a: { n: '1' }, b: { n: 3 }, c: { n: ' 5e0' } },
    results: rows,
    throws: {
      values: { a: { n: '1' }, x: { n: 'x' } },
      diagrams: ['-a-x', '-a-#'],
      error: new TypeError(
        `columns: row 1: "n" must be a number, got "x"; { invalid: 'skip' } leaves such rows out, ` +
          `{ invalid: 'carry' } takes the number before`,
      ),
    },
  }),
  scale: row({
    operator: () => scale(scalingOf({ centre: [1], spread: [2] })),
    values: rows,
    results: { a: [0], b: [1], c: [2] },
    throws: { values: { a: [1], x: [NaN] }, diagrams: ['-a-x', '-a-#'], error: notFinite('scale') },
  }),
  scaling: row({
    operator: () => scaling({ by: 'range' }),
    values: rows,
    results: { x: [[1], [4]] },
    look: ({ centre, spread }) => [centre, spread],
    emits: ['-a-b-c-|', '-------(x|)'],
    empty: '#',
    emptyError: new RangeError('scaling: the series has no rows'),
    fails: ['-a-#', '---#'],
    throws: { values: { a: [1], x: [NaN] }, diagrams: ['-a-x', '---#'], error: notFinite('scaling') },
  }),
  leastSquares: row({
    operator: () => leastSquares({ steps: 1 }),
    values: rows,
    results: { x: [1, 1] },
    look: ({ weight }) => weight.shape,
    emits: ['-a-b-c-|', '-------(x|)'],
    empty: '#',
    emptyError: new RangeError('leastSquares: needs at least steps + horizon + 1 = 3 rows, the series has 0'),
    fails: ['-a-#', '---#'],
    throws: { values: { a: [1], x: [NaN] }, diagrams: ['-a-x', '---#'], error: notFinite('leastSquares') },
  }),
  seriesWindows: row({
    operator: () => seriesWindows({ steps: 1 }),
    values: rows,
    results: { b: [[1], [3]], c: [[3], [5]] },
    look: ({ inputs, targets }) => [[...inputs], [...targets]],
    emits: ['-a-b-c-|', '---b-c-|'],
    fails: ['-a-b-#', '---b-#'],
    throws: { values: { a: [1], x: [NaN] }, diagrams: ['-a-x', '---#'], error: notFinite('seriesWindows') },
  }),
});

test.run();
