import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nearestName } from '../../src/index.js';

const known = ['hiddenSize', 'dropout', 'lanes', 'toString'];

for (const [name, nearest] of [
  ['hiddenSiez', 'hiddenSize'],
  ['HIDDENSIZE', 'hiddenSize'],
  ['lane', 'lanes'],
  ['dropuot', 'dropout'],
  ['colour', undefined],
  ['', undefined],
  ['x'.repeat(1000), undefined],
] as const) {
  test(`nearest to ${name.slice(0, 20)}: ${nearest}`, () => assert.is(nearestName(name, known), nearest));
}

test('of no names none is near; of several the first', () => {
  assert.is(nearestName('a', []), undefined);
  assert.is(nearestName('ab', ['ac', 'ad']), 'ac');
});

test('of a long list the beginning is compared, and of long names', () => {
  const many = Array.from({ length: 90_000 }, (_, i) => `name${i}`);
  assert.is(nearestName('name12.', many), 'name12');
  assert.is(nearestName('xxxxxx80000', many), undefined);
  assert.is(nearestName('n'.repeat(1_000_000), ['n'.repeat(2_000_000)]), 'n'.repeat(2_000_000));
});

test('refuses what is not a text or a list of texts', () => {
  assert.throws(() => nearestName(1 as never, known), /^nearestName: name must be a string, got 1$/);
  assert.throws(() => nearestName('a', 'b' as never), /^nearestName: known must be a list of texts, got "b"$/);
  assert.throws(() => nearestName('a', [1] as never), /known must be a list of texts/);
});

test.run();
