import { lastValueFrom, map, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isScheduleFree, RULE_NAMES, suitedRate, updateRule } from '../../pipelines/charlm/updateRule.js';
import { linear, lstm, type Model, pull, seeded, sequential, trainer, windows } from '../../src/index.js';

/** Rates as multiples of Adam's. */
const MULTIPLES: Readonly<Record<string, number>> = {
  adam: 1,
  adamw: 1,
  nadam: 1,
  radam: 3,
  adamax: 2,
  rmsprop: 1,
  adagrad: 5,
  lion: 0.1,
  sgd: 30,
  scheduleFreeAdamw: 1,
  scheduleFreeSgd: 300,
};

const text = Array.from('the quick brown fox jumps over the lazy dog '.repeat(20));
const symbols = [...new Set(text)];
const tokens = text.map((symbol) => symbols.indexOf(symbol));

function makeModel(): Model {
  const layers = {
    lstm: lstm({ inputSize: symbols.length, hiddenSize: 8 }),
    linear: linear({ inputSize: 8, outputSize: symbols.length }),
  };
  return sequential(layers, { random: seeded(1) });
}

/** The mean loss of the first and the last windows. */
async function losses(rule: string, rate: number): Promise<readonly [first: number, last: number]> {
  const model = makeModel();
  const { learn } = trainer(model, { optimizer: updateRule(model, rule, rate, 0).optimizer });
  const all = await lastValueFrom(
    pull(tokens).pipe(
      windows({ steps: 8 }),
      learn,
      map(({ loss }) => loss),
      toArray(),
    ),
  );
  const mean = (list: readonly number[]): number => list.reduce((sum, loss) => sum + loss, 0) / list.length;
  return [mean(all.slice(0, 10)), mean(all.slice(-10))];
}

test('there is a row for each rule', () => assert.equal(Object.keys(MULTIPLES), RULE_NAMES));

for (const [rule, multiple] of Object.entries(MULTIPLES)) {
  test(`${rule} learns at ${multiple} times the rate of Adam, faster than at Adam's where that is less`, async () => {
    const adamRate = 0.004;
    assert.is(suitedRate(rule, adamRate), adamRate * multiple);
    const [first, last] = await losses(rule, suitedRate(rule, adamRate));
    assert.ok(last < first - 0.05, `${first}, then ${last}`);
    if (multiple <= 1) return;
    const [, slow] = await losses(rule, adamRate);
    assert.ok(last < slow, `${last}, ${slow} at Adam's rate`);
  });

  test(`${rule}: what is validated and saved is an average where one is asked for or kept`, () => {
    for (const average of [0, 0.9]) {
      const model = makeModel();
      const { optimizer, learned } = updateRule(model, rule, 0.01, average);
      const isAveraged = average > 0 || isScheduleFree(rule);
      assert.is(learned !== model, isAveraged);
      assert.is(optimizer.kind, average > 0 && !isScheduleFree(rule) ? `${rule}, averaged` : rule);
      const before = [...learned.weights.numbers];
      const { gradients } = model.tape(1, 1);
      gradients.learned.fill(1);
      optimizer.update(model, gradients);
      assert.not.equal([...learned.weights.numbers], before); // the average follows
    }
  });
}

test.run();
