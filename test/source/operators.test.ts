import { test } from 'uvu';
import { progress } from '../../src/source/progress.js';
import { operatorTable, row } from '../support/operatorTable.js';
import { quick } from './slow.js';

const letters = { a: 'a', b: 'b', c: 'c' };

operatorTable({
  progress: row({
    operator: () => progress<string>((letter) => letter, { stream: quick() }),
    values: letters,
    results: letters,
    throws: {
      operator: () => progress(failing, { stream: quick(), plainPeriod: 0 }),
      diagrams: ['-a-b-c', '-a-#'],
      error: new Error('the user failed'),
    },
  }),
});

test.run();

function failing(letter: string): string {
  if (letter === 'b') throw new Error('the user failed');
  return letter;
}
