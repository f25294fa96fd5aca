import { interval, map, of, take, throwError } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compare } from '../../src/record/compare.js';
import { sameValue } from '../../src/record/sameValue.js';

const run = (body: (helpers: RunHelpers) => void): void =>
  new TestScheduler((actual, expected) => compare(actual, expected)).run(body);

const step = (n: number, loss: number): object => ({ step: n, loss });
const at = (frame: number, value: string): object => ({ frame, notification: { kind: 'N', value } });

/** The details of the error that `body` ends in. */
function details(body: (helpers: RunHelpers) => void): string {
  try {
    run(body);
  } catch (error) {
    assert.is((error as Error).message, 'the diagrams differ');
    return (error as Error & { details: string }).details;
  }
  return assert.unreachable('the diagrams should differ') as never;
}

test('prints both diagrams and the legend', () => {
  const text = details(({ cold, expectObservable }) => {
    const source = cold('31ms a-(b|)', { a: step(1, 4.17), b: step(2, 4.02) });
    expectObservable(source).toBe('-a-b|', { a: step(1, 4.17), b: step(2, 4.01) });
  });
  assert.is(
    text,
    [
      'Expected: -a-b|',
      'Actual:   31ms a-(c|)',
      'a := {"step":1,"loss":4.17}',
      'b := {"step":2,"loss":4.01}',
      'c := {"step":2,"loss":4.02}',
    ].join('\n'),
  );
});

test('characters need no legend', () => {
  const text = details(({ cold, expectObservable }) => expectObservable(cold('-a-b|')).toBe('-a-c|'));
  assert.is(text, 'Expected: -a-c|\nActual:   -a-b|');
});

test('nothing at all is a diagram, too', () => {
  assert.is(
    details(({ cold, expectObservable }) => expectObservable(cold('-')).toBe('a')),
    'Expected: a\nActual:   -',
  );
});

test('a group too wide to be drawn is drawn larger', () => {
  const text = details(({ expectObservable }) => {
    const source = interval(1).pipe(
      take(2),
      map((i) => 'ab'[i]),
    );
    expectObservable(source).toBe('(ab)(c|)', { a: 'a', b: 'b', c: 'c' });
  });
  assert.is(text, 'Expected: (ab)(c|)\nActual:   -a(b|)');
  const crowded = details(() => {
    compare([at(0, 'a'), at(0, 'b'), at(1, 'c')], [at(0, 'a')]);
  });
  assert.is(crowded, 'Expected: a\nActual:   (ab)------c\n(each frame drawn as 10, to give groups room)');
});

test('subscriptions are drawn, too', () => {
  const text = details(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-a-b-c-|');
    expectObservable(source.pipe(take(2))).toBe('-a-(b|)');
    expectSubscriptions(source.subscriptions).toBe('^------!');
  });
  assert.is(text, 'Expected: ^------!\nActual:   ^--!');
  const none = details(({ cold, expectSubscriptions }) => {
    expectSubscriptions(cold('-a').subscriptions).toBe(['20ms ^', '--(^!)']);
  });
  assert.is(none, 'Expected: 20ms ^\nExpected: --(^!)\nActual:   no subscription');
});

test('typed arrays are compared by kind and content, NaN with itself', () => {
  run(({ expectObservable }) => {
    expectObservable(of(Float64Array.of(1, NaN), { x: Int32Array.of(7) })).toBe('(ab|)', {
      a: Float64Array.of(1, NaN),
      b: { x: Int32Array.of(7) },
    });
  });
  const text = details(({ expectObservable }) => {
    expectObservable(of(Float64Array.of(1))).toBe('(a|)', { a: Float32Array.of(1) });
  });
  assert.match(text, 'a := Float32Array [1]\nb := Float64Array [1]');
});

test('errors are compared by name and message', () => {
  run(({ expectObservable }) => {
    expectObservable(throwError(() => new RangeError('no'))).toBe('#', undefined, new RangeError('no'));
  });
  const text = details(({ expectObservable }) => {
    expectObservable(throwError(() => new RangeError('no'))).toBe('#', undefined, new RangeError('yes'));
  });
  assert.is(text, 'Expected: #\nActual:   #\n# := error RangeError: yes\n# := error RangeError: no');
  details(({ expectObservable }) => {
    expectObservable(throwError(() => new RangeError('no'))).toBe('#', undefined, new TypeError('no'));
  });
});

test('what is neither messages nor subscriptions is written out', () => {
  assert.throws(() => compare(1, 2, 3), /^expected 2, got 1 \(expectation 3 of this test\)$/);
});

for (const [what, a, b, expected] of [
  ['NaN', NaN, NaN, true],
  ['numbers', 1, 2, false],
  ['kinds', 1, '1', false],
  ['null and an object', null, {}, false],
  ['objects', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
  ['a field more', { a: 1 }, { a: 1, b: undefined }, false],
  ['another field', { a: undefined }, { b: undefined }, false],
  ['lengths', [1], [1, undefined], false],
  ['classes', new RangeError('a'), {}, false],
  ['dates', new Date(1), new Date(1), true],
  ['other dates', new Date(1), new Date(2), false],
  ['patterns', /a/g, /a/i, false],
  ['maps', new Map([['a', { b: 1 }]]), new Map([['a', { b: 1 }]]), true],
  ['other maps', new Map([['a', 1]]), new Map([['a', 2]]), false],
  ['sets', new Set([1]), new Set([1, 2]), false],
  ['bytes', new Uint8Array([1]).buffer, new Uint8Array([2]).buffer, false],
  ['cycles', cycle(), cycle(), true],
] as const) {
  test(`content is compared: ${what}`, () => assert.is(sameValue(a, b), expected));
}

test.run();

function cycle(): object {
  const it: { self?: object } = {};
  it.self = it;
  return it;
}
