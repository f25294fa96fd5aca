// `pull` has a row among the sources; `breathe`, the demands and `iterate`, a way out, are held by their own files.
import { of, throwError } from 'rxjs';
import { test } from 'uvu';
import { credit } from '../../src/flow/credit.js';
import { operator } from '../../src/flow/operator.js';
import { settle } from '../../src/flow/settle.js';
import { operatorTable, row } from '../support/operatorTable.js';

const letters = { a: 'a', b: 'b', c: 'c' };
const error = new Error('the user failed');

operatorTable({
  operator: row({
    operator: () => operator<string, string>((subscriber) => ({ next: (value) => subscriber.next(value) })),
    values: letters,
    results: letters,
    throws: {
      operator: () =>
        operator<string, string>((subscriber) => ({
          next(value) {
            if (value === 'b') throw error;
            subscriber.next(value);
          },
        })),
      diagrams: ['-a-b-c', '-a-#'],
      error,
    },
  }),
  settle: row({
    operator: () => settle(credit(), (value: string) => of(value)),
    values: letters,
    results: letters,
    throws: {
      operator: () => settle(credit(), failing),
      diagrams: ['-a-b-c', '-a-#'],
      error,
    },
  }),
  'settle, one to many': row({
    operator: () => settle(credit(), (value: string) => [value, value]),
    values: letters,
    results: letters,
    emits: ['-a---b---c---|', '-(aa)(bb)(cc)|'],
    fails: ['-a-----#', '-(aa)--#'],
    throws: {
      operator: () => settle(credit(), (value: string) => (value === 'b' ? throwError(() => error) : of(value))),
      diagrams: ['-a-b-c', '-a-#'],
      error,
    },
  }),
});

test.run();

function failing(value: string): string[] {
  if (value === 'b') throw error;
  return [value];
}
