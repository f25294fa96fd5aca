import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { callable } from '../../src/check/callable.js';
import type { Check } from '../../src/check/check.js';
import { finite } from '../../src/check/finite.js';
import { flag } from '../../src/check/flag.js';
import { fraction } from '../../src/check/fraction.js';
import { checkRecord } from '../../src/check/checkRecord.js';
import { oneOf } from '../../src/check/oneOf.js';
import { optional } from '../../src/check/optional.js';
import { options } from '../../src/check/options.js';
import { orInfinity } from '../../src/check/orInfinity.js';
import { positive } from '../../src/check/positive.js';
import { positiveInteger } from '../../src/check/positiveInteger.js';
import { reasonOf } from '../../src/check/reasonOf.js';
import { visible } from '../../src/check/visible.js';
import { show } from '../../src/check/show.js';
import { string } from '../../src/check/string.js';
import { token } from '../../src/check/token.js';
import { wholeNumber } from '../../src/check/wholeNumber.js';

/** Each check, values it accepts, and values it refuses with what the message says was expected. */
const CHECKS: readonly (readonly [
  name: string,
  check: Check,
  good: readonly unknown[],
  bad: readonly unknown[],
  text: string,
])[] = [
  [
    'positiveInteger',
    positiveInteger,
    [1, 2 ** 53 - 1],
    [0, -1, 1.5, NaN, Infinity, 2 ** 53, '1', null],
    'a positive integer',
  ],
  ['wholeNumber', wholeNumber(), [0, 7], [-1, 0.5, NaN, '0', undefined], 'an integer from 0 up'],
  ['wholeNumber in a range', wholeNumber(1, 64), [1, 64], [0, 65], 'an integer from 1 to 64'],
  ['wholeNumber of any sign', wholeNumber(-Infinity), [-100, 0, 5], [0.5, 2 ** 53, NaN, '0'], 'an integer'],
  ['finite', finite(), [-1e300, 0, 1], [NaN, Infinity, -Infinity, '1'], 'a finite number'],
  ['finite from 0', finite(0), [0, 5], [-1e-9, Infinity], 'a number from 0 up'],
  ['finite in a range', finite(0, 1), [0, 0.999], [1, -0.1], 'in [0, 1)'],
  ['positive', positive, [1e-300, 5], [0, -1, NaN, Infinity, '1'], 'a positive number'],
  ['fraction', fraction, [0, 1, 0.5], [1.01, -0.1, NaN, '0.5'], 'in [0, 1]'],
  ['oneOf', oneOf('mean', 'sum'), ['mean', 'sum'], ['max', undefined], 'mean or sum'],
  ['oneOf three', oneOf(1, 2, Infinity), [1, Infinity], [3, '1'], 'one of 1, 2, Infinity'],
  ['flag', flag, [true, false], [0, 'true', undefined], 'true or false'],
  ['callable', callable, [() => 1], [1, {}, undefined], 'a function'],
  ['string', string, ['', 'a'], [1, null, undefined], 'a string'],
  ['orInfinity', orInfinity(positiveInteger), [1, Infinity], [0, -Infinity, NaN, '1'], 'a positive integer'],
];

for (const [name, check, good, bad, text] of CHECKS) {
  test(`${name} accepts ${good.map(show).join(', ')} and refuses ${bad.map(show).join(', ')}`, () => {
    for (const value of good) check('who', 'option', value);
    for (const value of bad) {
      assert.throws(
        () => check('who', 'option', value),
        (error: Error) => error.message === `who: option must be ${text}, got ${show(value)}`,
        show(value),
      );
    }
  });
}

test('a value of another type is a TypeError, one out of range a RangeError', () => {
  assert.throws(
    () => positiveInteger('windows', 'steps', '3'),
    (error: unknown) => error instanceof TypeError,
  );
  assert.throws(
    () => positiveInteger('windows', 'steps', 0),
    (error: unknown) => error instanceof RangeError,
  );
});

test('token refuses what is not an index of the vocabulary', () => {
  token('surprisal', 2, 3);
  for (const value of [-1, 3, 0.5, NaN]) {
    assert.throws(
      () => token('surprisal', value, 3),
      (error: Error) => error.message === `surprisal: token ${value} is outside the vocabulary of 3`,
    );
  }
});

test('options refuses unknown names with the nearest known one', () => {
  const checks = { hiddenSize: positiveInteger, dropout: optional(fraction) };
  options('lstm', { hiddenSize: 3 }, checks);
  const given =
    (value: object): (() => void) =>
    () =>
      options('lstm', value as { hiddenSize: number }, checks as never);
  assert.throws(given({ hiddenSize: 3, dropOut: 0.2 }), /^lstm: unknown option dropOut; did you mean dropout\?$/);
  assert.throws(given({ hiddenSiez: 3 }), /did you mean hiddenSize\?/);
  assert.throws(given({ hiddenSize: 3, colour: 1 }), /unknown option colour; there are hiddenSize, dropout/);
  assert.throws(given({}), /lstm: hiddenSize must be a positive integer, got undefined/);
  assert.throws(given(null as never), /lstm: options must be an object, got null/);
  assert.throws(given([] as never), /lstm: options must be an object, got \[\]/);
});

test('show keeps a message on one line, short and without control characters', () => {
  assert.is(show('a\u001b[31m\n\u009b'), '"a\\u001b[31m\\n\\u009b"');
  assert.is(show('x'.repeat(100)).length, 63);
  assert.is(show({ a: 'y'.repeat(100) }).length, 61);
  assert.is(show(new Float32Array(3)), 'Float32Array(3)');
  const cycle: unknown[] = [];
  cycle.push(cycle);
  assert.is(show(cycle), '[object Array]');
  assert.equal([undefined, null, -0, 3n, Symbol('s')].map(show), ['undefined', 'null', '-0', '3n', 'Symbol(s)']);
});

/** A proxy of which nothing can be asked any more. */
function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

test('show writes whatever throws when it is asked', () => {
  const fail = (): never => {
    throw new Error('mine');
  };
  const getter = Object.defineProperty({}, 'a', { enumerable: true, get: fail });
  const tag = Object.defineProperty({ toJSON: fail }, Symbol.toStringTag, { get: fail });
  const nameless = Object.defineProperty(() => 1, 'name', { get: fail });
  assert.is(show(getter), '[object Object]');
  assert.is(show({ toJSON: fail, toString: fail }), '[object Object]');
  assert.is(show(tag), 'an object');
  assert.is(show(revoked({})), 'a revoked proxy');
  assert.is(show(revoked([])), 'a revoked proxy');
  assert.is(show(nameless), 'a function');
  assert.is(show(revoked(() => 1)), 'a function');
  assert.is(reasonOf(revoked(new Error('no'))), 'a revoked proxy');
  assert.is(reasonOf(Object.defineProperty(new Error('no'), 'message', { get: fail })), '{}');
});

test('a revoked proxy is refused as options, as an option and as an object', () => {
  const checks = {};
  assert.throws(() => options('lstm', revoked({}), checks), /^lstm: options must be an object, got a revoked proxy$/);
  assert.throws(
    () =>
      options(
        'lstm',
        revoked(() => 1),
        checks,
      ),
    /^lstm: options must be an object, got a function$/,
  );
  assert.throws(
    () => checkRecord('loadModel', 'layers', revoked({})),
    /^loadModel: layers must be an object, got a revoked proxy$/,
  );
  assert.throws(
    () => options('lstm', { hiddenSize: revoked({}) }, { hiddenSize: () => undefined }),
    /^lstm: hiddenSize must be something that can be read, got a revoked proxy$/,
  );
  const unprintable = { most: Object.create(null) as number };
  assert.throws(() => visible('x', unprintable), /^visible: most must be an integer from 0 up, got object$/);
  assert.throws(() => visible('x', revoked({})), /^visible: options must be an object, got a revoked proxy$/);
});

test('visible keeps a text whole and escapes what a terminal obeys', () => {
  assert.is(visible('/tmp/a\u001b[2J\u202e\n'), '/tmp/a\\u001b[2J\\u202e\\n');
  assert.is(visible(`/${'é'.repeat(200)}`), `/${'é'.repeat(200)}`);
});

test('reasonOf reads errors and anything else that was thrown', () => {
  assert.is(reasonOf(new Error('no')), 'no');
  assert.is(reasonOf('no'), 'no');
  assert.is(reasonOf(new Error('no\u009b')), 'no\\u009b');
});

test.run();
