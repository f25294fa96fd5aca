import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nabScore } from './tasks/nabScore.js';

const times = Array.from({ length: 100 }, (_, i) => `t${i}`);
const windows = [['t40', 't49']] as const;
const scores = (...alarms: number[]): number[] => times.map((_, i) => (alarms.includes(i) ? 1 : 0));
const score = (...alarms: number[]): number => nabScore([{ times, windows, scores: scores(...alarms) }]).score;
const sigmoid = (y: number): number => 2 / (1 + Math.exp(5 * y)) - 1;

test('the first row of the window and nothing else is perfect; silence, and alarms that cost more than they are worth, are 0', () => {
  assert.ok(Math.abs(score(40) - 100) < 1e-9);
  assert.is(score(), 0);
  assert.is(score(70), 0);
});

test('a later row of the window is worth less, and only the best counts', () => {
  const worth = sigmoid(-0.5) / sigmoid(-1);
  assert.ok(Math.abs(score(45) - 50 * (1 + worth)) < 1e-9);
  assert.is(score(45, 47, 49), score(45));
});

test('an alarm outside costs 0.11 before a window, less soon after one, and nothing in the first 15 %', () => {
  assert.ok(Math.abs(score(30, 40) - (100 - 50 * 0.11)) < 1e-9);
  assert.ok(Math.abs(score(40, 51) - (100 + 50 * 0.11 * sigmoid(2 / 9))) < 1e-9);
  assert.is(score(3, 40), score(40));
});

test.run();
