import { take } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { callReturn } from '../../src/flow/callReturn.js';
import { flat } from '../../src/flow/flat.js';
import { pull } from '../../src/flow/pull.js';

test('calls return on its cursor, once, and gives its answer', () => {
  let calls = 0;
  const cursor = {
    answer: 7,
    return() {
      calls += 1;
      return this.answer;
    },
  };
  assert.is(callReturn(cursor), 7);
  assert.is(calls, 1);
});

test('a cursor without return, or none, is closed already', () => {
  for (const cursor of [undefined, {}, { return: undefined }, { return: null as never }]) {
    assert.is(callReturn(cursor as undefined), undefined);
  }
});

test('what is not a function is an error in plain words', () => {
  for (const close of [5, 'x', {}, true]) {
    assert.throws(() => callReturn({ return: close as never }), /^return of the iterator is not a function$/);
  }
});

test('so in the warning of a source that cannot be closed', async () => {
  const { warn } = console;
  const endless = <T>(value: T): Iterable<T> => ({
    [Symbol.iterator]: () => ({ next: () => ({ value, done: false }), return: 5 as never }),
  });
  for (const source of [endless(1), flat(endless([1, 2, 3]))]) {
    const warned = new Promise<string>((resolve) => (console.warn = (text: string) => resolve(text)));
    try {
      pull(source).pipe(take(2)).subscribe();
      assert.match(await warned, /return of the iterator is not a function$/);
    } finally {
      console.warn = warn;
    }
  }
});

test.run();
