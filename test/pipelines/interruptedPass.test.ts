// A signal is heard within a pass, also within the first one, and what was learned until then is there to be saved.
import { Observable, type Subscription, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { textClassifier } from '../../pipelines/classify/textClassifier.js';
import { interrupted } from '../../pipelines/cli/interrupted.js';
import { nextEvent } from '../../pipelines/events/nextEvent.js';
import { logRanks } from '../../pipelines/events/sessionModel.js';
import { sessionScore } from '../../pipelines/events/sessionScore.js';
import { errorsOf } from '../../pipelines/forecast/errors.js';
import { linear, sequential } from '../../src/index.js';

// A slice is so many looks at the clock on any machine: the first one has a step to learn, a pass has many slices.
const { now } = Date;
let looks = 0;
Date.now = () => (looks += 1);
test.after(() => void (Date.now = now));

/** Ctrl-C as soon as the learning begins: it arrives when the event loop gets its first turn. */
const stop$ = new Observable<unknown>((subscriber): Subscription => {
  const stopping = interrupted({ say: 'ending' }).subscribe(subscriber);
  process.kill(process.pid, 'SIGINT');
  return stopping;
});
const COUNT = 60_000; // of examples, sessions and cases: a pass takes a hundred times as long as a slice

test('classify: Ctrl-C ends the first pass, and what it has learned is kept', async () => {
  const examples = Array.from({ length: COUNT }, (_, i) => ({
    text: `${i % 2 ? 'ab' : 'cd'} ${i}`,
    label: `${i % 2}`,
  }));
  let passes = 0;
  const options = { hidden: 8, epochs: 2, lanes: 32, learningRate: 0.01, seed: 1 };
  const { labels } = await textClassifier(examples, { ...options, stop$, watch: tap(() => (passes += 1)) });
  assert.equal([passes, labels], [0, ['0', '1']]);
});

test('events: Ctrl-C ends the first pass, and what it has learned is kept', async () => {
  const sessions = Array.from(
    { length: COUNT },
    (_, i) => [1, 97, 97 ** 2].map((unit) => 1 + (Math.floor(i / unit) % 97)), // no two are equal, which would be learned once
  );
  let passes = 0;
  const options = { keys: 99, hidden: 8, epochs: 2, seed: 1, rate: 0.01, mixed: false, stop$ };
  const score = await sessionScore(sessions, { ...options, watch: () => tap(() => (passes += 1)) });
  assert.equal([passes, score.networks.length], [0, 1]);
  assert.ok(Number.isFinite(score.threshold));
  assert.ok((await turnsIn(() => logRanks(score.networks[0]!, sessions))) > 0, 'and scoring them gives turns');
});

test('events --next: Ctrl-C ends the first pass, and what it has learned is kept', async () => {
  const cases = Array.from({ length: COUNT }, (_, i) =>
    [1, 2, 3, 4, 5].map((j) => ({ event: `e${(i * j) % 7}`, time: 60 * j })),
  );
  let passes = 0;
  const options = { hidden: 8, epochs: 2, seed: 1, stop$ };
  const { names, model } = await nextEvent(cases, { ...options, watch: () => tap(() => (passes += 1)) });
  assert.equal([passes, names.length], [0, 7]);
  assert.is(model.layers.get('networks')!.options['networks'], 1);
});

test('forecast: scoring many rows gives turns', async () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => [Math.sin(i)]);
  const model = sequential({ linear: linear({ inputSize: 1, outputSize: 2 }) });
  const part = { rows, from: 10, to: rows.length, horizon: 2, context: 4 };
  assert.ok((await turnsIn(() => errorsOf(model, part))) > 0);
});

/** How many turns the event loop gets while something is done. */
async function turnsIn(act: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let turn = setImmediate(count);
  function count(): void {
    turns += 1;
    turn = setImmediate(count);
  }
  await act();
  clearImmediate(turn);
  return turns;
}

test.run();
