import { take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cases } from '../../src/record/cases.js';

let ran = 0;
cases(
  'take(2)',
  { 'of three': ['-a-b-c|', '-a-(b|)'], 'of one': ['-a-|', '-a-|'], 'of none': ['--|', '--|'] },
  ({ cold, expectObservable }, [source, expected]) => {
    ran += 1;
    expectObservable(cold(source!).pipe(take(2))).toBe(expected!);
  },
);

test('every case ran, each as a test of its own', () => assert.is(ran, 3));

test('a table without a case is refused', () => {
  assert.throws(() => cases('nothing', {}, () => undefined), /cases: "nothing" needs at least one case/);
});

test.run();
