import { test } from 'uvu';
import { yielding } from '../../src/flow/yielding.js';
import { unlimited } from '../../src/flow/demand.js';
import type { Cursor } from '../../src/flow/openCursor.js';
import { pull } from '../../src/flow/pull.js';
import { sourceRow, sourceTable } from '../support/sourceTable.js';

const failing = (): never => {
  throw new Error('the cursor failed');
};

sourceTable({
  pull: sourceRow({
    source: (demand) => pull(['a', 'b', 'c'], demand),
    values: ['a', 'b', 'c'],
    empty: () => pull([]),
    fails: { source: () => pull(() => ({ next: failing })), error: 'the cursor failed' },
    endless() {
      let taken = 0;
      let held = false;
      function* naturals(): Generator<number> {
        held = true;
        try {
          for (;;) yield taken++;
        } finally {
          held = false;
        }
      }
      return {
        source: pull(() => naturals(), yielding(unlimited)),
        taken: () => taken,
        most: 3,
        held: () => held,
      };
    },
  }),
  'pull, promises': sourceRow({
    source: (demand) => pull(later(['a', 'b', 'c']), demand),
    values: ['a', 'b', 'c'],
    empty: () => pull(later([])),
    fails: { source: () => pull(() => ({ next: () => Promise.resolve().then(failing) })), error: 'the cursor failed' },
    endless() {
      let taken = 0;
      let held = false;
      const open = (): Cursor<number> => {
        held = true;
        return {
          next: () => Promise.resolve({ value: taken++, done: false }),
          return: () => (held = false),
        };
      };
      return { source: pull(open), taken: () => taken, most: 3, held: () => held };
    },
  }),
});

test.run();

/** A fresh cursor over these, each a promise, for every subscription. */
function later<T>(values: readonly T[]): () => Cursor<T> {
  return () => {
    const cursor = values[Symbol.iterator]();
    return { next: () => Promise.resolve(cursor.next()) };
  };
}
