import { from, NEVER, startWith } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { earlyStop, type EarlyStopOptions } from '../../src/learn/earlyStop.js';
import type { ValidatedStep } from '../../src/learn/validate.js';
import { collected } from './support.js';

/** Steps whose validation has these losses; a step without one where there is none. */
const steps = (losses: readonly (number | undefined)[]): ValidatedStep[] =>
  losses.map((loss, i) => ({
    step: i + 1,
    tokens: i,
    loss: 9,
    gradientNorm: 1,
    learningRate: 1,
    ...(loss !== undefined && { validation: { loss, bitsPerToken: loss, perplexity: loss, tokens: 1 } }),
  }));
const none = undefined;

for (const [what, losses, options, emitted] of [
  ['ends after so many in a row without improvement', [5, 4, 4.1, 4.2, 3], { patience: 2 }, 4],
  ['does not count steps without a validation', [5, none, none, 4.9, none, 5], { patience: 2 }, 6],
  ['counts from zero at an improvement', [5, 6, 4, 6, 3, 6], { patience: 2 }, 6],
  ['takes an equal loss for no improvement', [5, 5, 4], { patience: 1 }, 2],
  ['takes less than minDelta for no improvement', [5, 4.95, 4.91, 1], { patience: 2, minDelta: 0.1 }, 3],
  ['takes steady small gains together', [5, 4.95, 4.89, 4.85, 4.7], { patience: 2, minDelta: 0.1 }, 5],
  ['takes NaN for no improvement', [5, NaN, NaN, 1], { patience: 2 }, 3],
  [
    'counts the validations of a resumed run',
    [4.1, 4.2, 3],
    { patience: 3, resumeFrom: [{ loss: 4 }, { loss: 5 }] },
    2,
  ],
  ['emits nothing where it had stopped', [1, 1], { patience: 1, resumeFrom: [{ loss: 4 }, { loss: 5 }] }, 0],
] as [string, (number | undefined)[], EarlyStopOptions, number][]) {
  test(what, () => {
    const given = steps(losses);
    assert.equal(collected(from(given).pipe(earlyStop(options))).values, given.slice(0, emitted));
  });
}

test('leaves the source when it ends', () => {
  let completed = false;
  NEVER.pipe(startWith(...steps([1, 2])), earlyStop({ patience: 1 })).subscribe({ complete: () => (completed = true) });
  assert.ok(completed);
});

for (const [what, losses, resumeFrom, expected] of [
  ['the run that it ends', [4, 5, 3], [], [4]],
  ['a run that had ended, at once', [3], [{ loss: 4 }, { loss: 5 }], [4]],
  ['no run that its source ends', [4, 3], [], []],
] as [string, number[], { loss: number }[], number[]][]) {
  test(`onStopped tells of ${what}`, () => {
    const told: number[] = [];
    const stop = earlyStop({ patience: 1, resumeFrom: resumeFrom, onStopped: (best) => void told.push(best) });
    collected(from(steps(losses)).pipe(stop));
    assert.equal(told, expected);
  });
}

test('refused: a patience of 0', () => {
  assert.throws(() => earlyStop({ patience: 0 }), /earlyStop: patience must be a positive integer, got 0/);
});

test.run();
