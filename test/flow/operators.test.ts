// `pull` has a row among the sources; `yielding`, the demands and `iterate`, a way out, are held by their own files.
import { of, throwError } from 'rxjs';
import { test } from 'uvu';
import { credit } from '../../src/flow/credit.js';
import { operator } from '../../src/flow/operator.js';
import { concatMapBounded } from '../../src/flow/concatMapBounded.js';
import { shuffle } from '../../src/flow/shuffle.js';
import { seeded } from '../../src/random/seeded.js';
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
  shuffle: row({
    operator: () => shuffle<string>({ size: 1, random: seeded(1) }),
    values: letters,
    results: letters,
    throws: {
      operator: () => shuffle({ size: 1, random: { ...seeded(1), integer: throwing } }),
      diagrams: ['-a-b-c', '-#'],
      error,
    },
  }),
  concatMapBounded: row({
    operator: () => concatMapBounded(credit(), (value: string) => of(value)),
    values: letters,
    results: letters,
    throws: {
      operator: () => concatMapBounded(credit(), failing),
      diagrams: ['-a-b-c', '-a-#'],
      error,
    },
  }),
  'concatMapBounded, one to many': row({
    operator: () => concatMapBounded(credit(), (value: string) => [value, value]),
    values: letters,
    results: letters,
    emits: ['-a---b---c---|', '-(aa)(bb)(cc)|'],
    fails: ['-a-----#', '-(aa)--#'],
    throws: {
      operator: () =>
        concatMapBounded(credit(), (value: string) => (value === 'b' ? throwError(() => error) : of(value))),
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

function throwing(): never {
  throw error;
}
