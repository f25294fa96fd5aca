// Which optimizer learns a stream best: `npx tsx test/bench/tasks/streamOptimizers.ts FOLDER [--characters N] [--json]`.
//
// FOLDER has logs (`*.log`). A GRU of 64 units predicts each of their first N characters before it learns from it
// (`predictThenLearn`), from no training. The rate of each optimizer is the one of the list that does best on every
// other log; the figures are bits per character of the rest, with n-grams of order 5 beside them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, reduce } from 'rxjs';
import { command, UsageError } from '../../../pipelines/cli/command.js';
import {
  adagrad,
  adam,
  adamw,
  gru,
  linear,
  lion,
  nadam,
  ngram,
  type Optimizer,
  predictThenLearn,
  pull,
  radam,
  rmsprop,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  seeded,
  sequential,
  sgd,
  type Token,
  vocabularyOf,
} from '../../../src/index.js';

interface Contender {
  readonly rates: readonly number[];
  make(learningRate: number): Optimizer;
}

const ADAM = [0.005, 0.01, 0.02, 0.05, 0.1];
const CONTENDERS: Readonly<Record<string, Contender>> = {
  'sgd, momentum 0.9': { rates: [0.1, 0.3, 1], make: (learningRate) => sgd({ learningRate, momentum: 0.9 }) },
  adagrad: { rates: [0.03, 0.1, 0.3], make: (learningRate) => adagrad({ learningRate }) },
  rmsprop: { rates: [0.002, 0.005, 0.01, 0.02, 0.05], make: (learningRate) => rmsprop({ learningRate }) },
  adam: { rates: ADAM, make: (learningRate) => adam({ learningRate }) },
  'adam, β₂ 0.99': { rates: ADAM, make: (learningRate) => adam({ learningRate, betas: [0.9, 0.99] }) },
  adamw: { rates: ADAM, make: (learningRate) => adamw({ learningRate }) },
  nadam: { rates: ADAM, make: (learningRate) => nadam({ learningRate }) },
  radam: { rates: [...ADAM, 0.2, 0.5], make: (learningRate) => radam({ learningRate }) },
  lion: { rates: [0.001, 0.003, 0.01], make: (learningRate) => lion({ learningRate }) },
  scheduleFreeAdamw: { rates: [0.01, 0.03, 0.1], make: (learningRate) => scheduleFreeAdamw({ learningRate }) },
  scheduleFreeSgd: { rates: [1, 3, 10], make: (learningRate) => scheduleFreeSgd({ learningRate }) },
};

interface Stream {
  readonly tokens: readonly Token[];
  readonly size: number;
}

await command(import.meta.url, {
  about: 'Compares optimizers of predictThenLearn on the logs of a folder, in bits per character.',
  argument: 'FOLDER',
  options: {
    characters: { kind: 'count', help: 'characters of each log', initial: 20_000 },
    json: { kind: 'flag', help: 'print one JSON object per line' },
  },
  async run({ characters, json }, folder) {
    if (folder === undefined) throw new UsageError('give the folder of the logs');
    const names = readdirSync(folder).filter((name) => name.endsWith('.log') && !name.includes('planted'));
    if (names.length < 2) throw new UsageError(`${folder} has fewer than two logs (*.log)`);
    const streams = names.toSorted().map((name) => streamOf(join(folder, name), characters));
    const [chosenOn, measuredOn] = [0, 1].map((rest) => streams.filter((_, i) => i % 2 === rest));
    report('n-grams of order 5', undefined, await meanOf(measuredOn!, grams));
    for (const [name, { rates, make }] of Object.entries(CONTENDERS)) {
      const tried: { readonly rate: number; readonly bits: number }[] = [];
      for (const rate of rates) tried.push({ rate, bits: await meanOf(chosenOn!, (one) => learned(one, make(rate))) });
      const { rate } = tried.toSorted((a, b) => a.bits - b.bits)[0]!;
      report(name, rate, await meanOf(measuredOn!, (one) => learned(one, make(rate))));
    }

    function report(optimizer: string, rate: number | undefined, bitsPerCharacter: number): void {
      if (json) console.log(JSON.stringify({ optimizer, rate, bitsPerCharacter }));
      else console.log(`${optimizer.padEnd(20)} ${String(rate ?? '').padStart(7)} ${bitsPerCharacter.toFixed(4)}`);
    }
  },
});

function streamOf(path: string, characters: number): Stream {
  const text = Array.from(readFileSync(path, 'utf8')).slice(0, characters);
  const symbols = vocabularyOf([...new Set(text)].toSorted());
  return { tokens: text.map((symbol) => symbols.token(symbol)!), size: symbols.size };
}

async function meanOf(streams: readonly Stream[], bits: (stream: Stream) => Promise<number>): Promise<number> {
  let sum = 0;
  for (const stream of streams) sum += await bits(stream);
  return sum / streams.length;
}

async function learned({ tokens, size }: Stream, optimizer: Optimizer): Promise<number> {
  using model = sequential(
    { gru: gru({ inputSize: size, hiddenSize: 64 }), linear: linear({ inputSize: 64, outputSize: size }) },
    { random: seeded(0) },
  );
  const scored$ = pull(tokens).pipe(predictThenLearn(model, { optimizer }));
  const total = await lastValueFrom(scored$.pipe(reduce((sum, { bits }) => sum + (bits ?? 0), 0)));
  return total / tokens.length;
}

async function grams({ tokens, size }: Stream): Promise<number> {
  const scored$ = pull(tokens).pipe(ngram({ order: 5, vocabSize: size }));
  return (await lastValueFrom(scored$.pipe(reduce((sum, { bits }) => sum + (bits ?? 0), 0)))) / tokens.length;
}
