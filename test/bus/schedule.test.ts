// Some hundred simulated schedules; `npm run drill -- --only schedule` runs 10,000.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { simulate } from './simulation.js';

const SEEDS = 300;

test(`${SEEDS} schedules of kills, stops and errors: nothing is lost, twice, out of order or otherwise`, async () => {
  const sum = { kills: 0, stops: 0, errors: 0, values: 0 };
  for (let seed = 0; seed < SEEDS; seed++) {
    const figures = await simulate(seed);
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += figures[name];
  }
  assert.ok(
    sum.kills > SEEDS && sum.stops > SEEDS && sum.errors > SEEDS && sum.values > 10 * SEEDS,
    JSON.stringify(sum),
  );
});

test.run();
