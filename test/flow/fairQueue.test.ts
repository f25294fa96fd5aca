import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fairQueue } from '../../src/flow/fairQueue.js';

test('keys are served in turn, the values of each in order', () => {
  const waiting = fairQueue((value: string) => value[0]);
  for (const value of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) waiting.push(value);
  assert.is(waiting.length, 6);
  const served = Array.from({ length: 4 }, () => waiting.shift());
  waiting.push('b2');
  while (waiting.length > 0) served.push(waiting.shift());
  assert.equal(served, ['a1', 'b1', 'c1', 'a2', 'c2', 'a3', 'b2']);
  waiting.push('a4');
  waiting.clear();
  assert.is(waiting.length, 0);
});

test('as lists by key do, for any order of calls', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...'abc'), fc.constant(undefined))), (calls) => {
      const waiting = fairQueue((i: number) => calls[i]);
      const lists = new Map<string, number[]>();
      for (const [i, key] of calls.entries()) {
        if (key !== undefined) {
          waiting.push(i);
          lists.set(key, [...(lists.get(key) ?? []), i]);
        } else if (waiting.length > 0) {
          const value = waiting.shift();
          assert.is(lists.get(calls[value]!)!.shift(), value);
        }
      }
      assert.is(
        waiting.length,
        [...lists.values()].reduce((sum, list) => sum + list.length, 0),
      );
    }),
  );
});

test.run();
