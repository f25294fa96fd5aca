// What the studio costs a run of W2, with its page closed and open: `npm run bench:studio [-- --rounds N --seconds
// X]`. The runs take turns in one process, two of them without a page, whose ratio shows what the machine alone makes
// of it; the page that is open is another process, which reads all that it is sent. Rates are steps per second of this
// process's own time on the processor, so that other work on the machine does not count. A turn is longer than the two
// seconds between two readings of the text, so that it holds its share of them. On a shared machine a turn is made
// slower by others, never faster, so that the fastest turns are compared, too. Where rates differ by more than what is
// looked for, a profile says more: the share of the time that is spent in the studio's code and in all that it calls,
// which includes what takes the steps after it. `-- --page` measures instead how soon `pipelines/studio.ts` shows a
// step in Chromium, and obeys a slider; with `--built`, how soon `rxrnn studio` of the built package does.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { lastValueFrom, type Observable, repeat, takeWhile } from 'rxjs';
import {
  adagrad,
  clipGradValue,
  lanes,
  pull,
  train,
  type TrainingStep,
  unlimited,
  vocabularyOf,
  windows,
  yielding,
} from '../../src/index.js';
import { studio } from '../../src/studio.js';
import { characterModel } from './languageModel.js';
import { profiledShare } from './profiledShare.js';
import { studioPage } from './studioPage.js';
import { median } from './timing.js';
import { type LanguageModel, makeText, WORKLOADS } from './workloads.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '5' },
    page: { type: 'boolean', default: false },
    built: { type: 'boolean', default: false },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
if (values.page) {
  await studioPage(rounds, values.built ? 'built' : 'sources');
  process.exit();
}
const workload = WORKLOADS.W2 as LanguageModel;
const text = makeText(20_000, workload.vocabulary);
const symbols = vocabularyOf(Array.from({ length: workload.vocabulary }, (_, i) => String.fromCodePoint(48 + i)));

/** A run of W2 whose source gives the event loop its turn, as that of every run with a page must. */
function run(
  watch: (step$: Observable<TrainingStep>, model: ReturnType<typeof characterModel>) => Observable<TrainingStep>,
): () => Promise<number> {
  const model = characterModel(workload, {});
  const optimizer = adagrad({ learningRate: workload.rate });
  const step$ = watch(
    pull(lanes(text, 1), yielding(unlimited)).pipe(
      repeat(),
      windows({ steps: workload.steps }),
      train(model, { optimizer, clip: clipGradValue(5) }),
    ),
    model,
  );
  return async () => {
    const end = performance.now() + 1000 * seconds;
    const before = process.cpuUsage();
    let steps = 0;
    await lastValueFrom(step$.pipe(takeWhile(() => ++steps % 16 !== 0 || performance.now() < end)), {
      defaultValue: undefined,
    });
    const { user, system } = process.cpuUsage(before);
    return (steps * 1e6) / (user + system);
  };
}

const urls: Promise<string>[] = [];
const pages: { close(): Promise<void> }[] = [];
const shown = (step$: Observable<TrainingStep>, model: ReturnType<typeof characterModel>): Observable<TrainingStep> => {
  const page = studio({ model, vocabulary: symbols, text: text.subarray(0, 2000), onUrl: () => undefined });
  urls.push(page.url);
  pages.push(page);
  return step$.pipe(page);
};
const bare = (step$: Observable<TrainingStep>): Observable<TrainingStep> => step$;
const runs = { alone: run(bare), again: run(bare), closed: run(shown), open: run(shown) };
const reader = spawn(
  process.execPath,
  [
    '-e',
    `fetch('${new URL('/events', await urls[1]).href}').then(async ({ body }) => { for await (const _ of body); })`,
  ],
  { stdio: 'ignore' },
);
const ratios = { again: [] as number[], closed: [] as number[], open: [] as number[] };
const fastest = { alone: 0, again: 0, closed: 0, open: 0 };
const order = Object.keys(runs) as (keyof typeof runs)[];
for (let round = -1; round < rounds; round++) {
  const rates = { alone: 0, again: 0, closed: 0, open: 0 };
  for (const name of round % 2 === 0 ? order : order.toReversed()) rates[name] = await runs[name]();
  if (round < 0) continue; // to warm up
  for (const name of order) fastest[name] = Math.max(fastest[name], rates[name]);
  for (const name of ['again', 'closed', 'open'] as const) ratios[name].push(rates[name] / rates.alone);
}
const shares = { alone: '', again: '', closed: '', open: '' };
for (const name of order) {
  const { inFolder, inCollection } = await profiledShare('/src/studio/', runs[name]);
  shares[name] = `${percent(inFolder)} of the time in the studio's code, ${percent(inCollection)} collecting garbage`;
}
reader.kill();
const TITLES = { again: 'without a page once more', closed: 'with the page closed', open: 'with the page open' };
for (const name of ['again', 'closed', 'open'] as const) {
  const sorted = ratios[name].toSorted((a, b) => a - b);
  const quartiles = [sorted[rounds >> 2]!, sorted[(3 * rounds) >> 2]!].map((ratio) => ratio.toFixed(3));
  console.log(
    `W2 ${TITLES[name]}: ${median(sorted).toFixed(3)} of the rate without, quartiles ${quartiles.join(' and ')}; ` +
      `fastest turn ÷ fastest turn ${(fastest[name] / fastest.alone).toFixed(3)}`,
  );
}
for (const name of order) console.log(`a profile, ${name}: ${shares[name]}`);
await Promise.all(pages.map((page) => page.close()));

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
