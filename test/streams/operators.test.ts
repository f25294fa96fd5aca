import { test } from 'uvu';
import { bounded } from '../../src/streams/bounded.js';
import { operatorTable, row } from '../support/operatorTable.js';

const values = { a: 1, b: 2, c: 3 };

operatorTable({
  bounded: row({
    operator: () => bounded<number>(),
    values,
    results: values,
    throws: 'it calls nothing of the user but onDrop',
  }),
});

test.run();
