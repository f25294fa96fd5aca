// The record, score-then-learn: `tsx test/bench/scoreThenLearn.ts --data FILE --model FILE [--choose] [--json]`.
//
// Takes a model that charlm.ts learned from the text and reads the part that was held out, twice: by the model as it is,
// and with each character scored before the model learns from it (dynamic evaluation: Krause, Kahembwe, Murray and
// Renals, 2018). Prints the mean surprisal of both. With --choose optimizer, rate and window are searched on the beginning
// of the held-out part: of another text and model, such as the nine tenths that the record learns from.
import { lastValueFrom, type OperatorFunction, reduce } from 'rxjs';
import { readCorpus } from '../../pipelines/charlm/corpus.js';
import { command, NO_WIDE, UsageError } from '../../pipelines/cli/command.js';
import {
  adagrad,
  adam,
  loadModel,
  type Model,
  type Optimizer,
  predictThenLearn,
  pull,
  rmsprop,
  sgd,
  surprisal,
  type Token,
} from '../../src/index.js';

interface Rule {
  /** The rate that the search starts from. */
  readonly rate: number;
  make(options: { readonly learningRate: number }): Optimizer;
}

const RULES: Readonly<Record<string, Rule>> = {
  sgd: { rate: 0.1, make: sgd },
  adagrad: { rate: 0.003, make: adagrad },
  rmsprop: { rate: 0.0003, make: rmsprop },
  adam: { rate: 0.0003, make: adam },
};
const WINDOW = 25;

/** How the model learns while it reads. */
interface Setting {
  readonly optimizer: string;
  readonly rate: number;
  readonly window: number;
}

await command(import.meta.url, {
  about: `Scores the held-out part of a text by a model of charlm.ts, fixed and with each character scored before it is
learned.`,
  options: {
    data: { kind: 'text', value: 'FILE', help: 'the text that the model learned, a file in UTF-8' },
    model: { kind: 'text', value: 'FILE', help: 'the model that charlm.ts saved' },
    optimizer: { kind: 'text', choices: Object.keys(RULES), help: 'what learns the held-out part', initial: 'rmsprop' },
    rate: { kind: 'number', help: 'its learning rate', initial: 0.001 },
    window: { kind: 'count', help: 'characters per update', initial: 50 },
    choose: { kind: 'flag', help: 'search optimizer, rate and window on the beginning of the held-out part' },
    characters: { kind: 'count', help: 'with --choose: characters to read', initial: 20_000 },
    'no-wide': NO_WIDE,
    json: { kind: 'flag', help: 'print one JSON object per line' },
  },
  async run({ data, model: path, optimizer, rate, window, choose, characters, json }) {
    if (data === undefined || path === undefined) throw new UsageError('--data and --model: give both');
    const { vocabulary, provenance } = loadModel(path);
    const share = Number(provenance?.['validation']);
    if (!vocabulary || !(share > 0)) throw new UsageError('--model: must be a model of charlm.ts');
    const { heldOut, digest } = await readCorpus(data, share);
    if (provenance?.['text'] !== digest) throw new UsageError('--model: learned another text than that of --data');
    const tokens = [...heldOut.subarray(0, choose ? characters : heldOut.length)];
    const means = new Map<string, number>(); // of settings that were read
    report('fixed', await nats(tokens, path, (model) => surprisal(model)));
    if (choose) await search();
    else await learned({ optimizer, rate, window });

    async function learned(setting: Setting): Promise<number> {
      const { make } = RULES[setting.optimizer]!;
      const { rate: learningRate, window: steps } = setting;
      const known = means.get(JSON.stringify(setting));
      if (known !== undefined) return known;
      const operator = (model: Model) => predictThenLearn(model, { optimizer: make({ learningRate }), steps });
      const mean = await nats(tokens, path!, operator);
      report(`${setting.optimizer} ${learningRate}, windows of ${steps}`, mean, setting);
      means.set(JSON.stringify(setting), mean);
      return mean;
    }

    /** Finds the rate of each optimizer, then the window of the best one, and its rate with that window. */
    async function search(): Promise<void> {
      const found: { readonly setting: Setting; readonly mean: number }[] = [];
      for (const [optimizer, { rate }] of Object.entries(RULES)) {
        found.push(await lowest((i) => ({ optimizer, rate: halfDecades(rate, i), window: WINDOW }), learned));
      }
      const { setting } = found.toSorted((a, b) => a.mean - b.mean)[0]!;
      const { setting: wide } = await lowest((i) => ({ ...setting, window: Math.round(WINDOW * 2 ** i) }), learned);
      const { setting: best, mean } = await lowest((i) => ({ ...wide, rate: halfDecades(setting.rate, i) }), learned);
      report('best', mean, best);
    }

    function report(how: string, mean: number, setting?: Setting): void {
      if (json) console.log(JSON.stringify({ how, natsPerCharacter: mean, characters: tokens.length, ...setting }));
      else console.log(`${how.padEnd(34)} ${mean.toFixed(4)} nats per character of ${tokens.length}`);
    }
  },
});

/** A rate i half-decades from another, as 0.1, 0.3 and 1. */
function halfDecades(rate: number, i: number): number {
  return Number((10 ** ((Math.round(2 * Math.log10(rate)) + i) / 2)).toPrecision(1));
}

/** Walks from setting 0 to where both neighbours have a higher mean. */
async function lowest(
  settingAt: (i: number) => Setting,
  meanOf: (setting: Setting) => Promise<number>,
): Promise<{ setting: Setting; mean: number }> {
  let best = { i: 0, mean: await meanOf(settingAt(0)) };
  for (const direction of [1, -1]) {
    if (best.i !== 0) break; // it came down on the way up
    for (let i = best.i + direction; ; i += direction) {
      const mean = await meanOf(settingAt(i));
      if (!(mean < best.mean)) break;
      best = { i, mean };
    }
  }
  return { setting: settingAt(best.i), mean: best.mean };
}

/** The mean surprisal of a text by a copy of the saved model, in nats. */
async function nats(
  tokens: readonly Token[],
  path: string,
  score: (model: Model) => OperatorFunction<Token, { readonly bits: number }>,
): Promise<number> {
  using model = loadModel(path).model;
  const scored$ = pull(tokens).pipe(score(model));
  const bits = await lastValueFrom(scored$.pipe(reduce((sum, { bits }) => sum + bits, 0)));
  return (bits * Math.LN2) / tokens.length;
}
