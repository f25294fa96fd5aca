// What a network over templates could gain: `npx tsx test/bench/tasks/templateNetwork.ts FOLDER [--json]`.
//
// FOLDER has logs (`NAME_2k.log`). A GRU of 64 units predicts the template of each line from those before it, and learns
// from it (`predictThenLearn`), from no training; a first line of a template is a token of its own. Beside it the counts of
// `lineScorer`, and what a prediction of templates without any error would take off the compressed size of the log.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, type OperatorFunction, reduce } from 'rxjs';
import { command, UsageError } from '../../../pipelines/cli/command.js';
import {
  adam,
  compressor,
  gru,
  lineScorer,
  linear,
  ngram,
  predictThenLearn,
  pull,
  rmsprop,
  seeded,
  sequential,
  type Optimizer,
  type Token,
} from '../../../src/index.js';

const NETWORKS: Readonly<Record<string, () => Optimizer>> = {
  'GRU, adam 0.01': () => adam({ learningRate: 0.01 }),
  'GRU, rmsprop 0.005': () => rmsprop({ learningRate: 0.005 }),
};

await command(import.meta.url, {
  about: 'Compares a network over templates with counts of them, in bits per line.',
  argument: 'FOLDER',
  options: { json: { kind: 'flag', help: 'print one JSON object per line' } },
  async run({ json }, folder) {
    if (folder === undefined) throw new UsageError('give the folder of the logs');
    for (const file of readdirSync(folder).filter((name) => name.endsWith('_2k.log'))) {
      const bytes = readFileSync(join(folder, file));
      const lines = bytes.toString('utf8').split(/\r?\n/).slice(0, -1); // prettier-ignore
      const scorer = lineScorer();
      const scores = lines.map((line) => scorer.score(line));
      const size = 1 + Math.max(...scores.map(({ template }) => template + 1));
      const tokens = scores.map(({ template, isNew }) => (isNew ? 0 : template + 1));
      const perLine: Record<string, number> = {
        counts: scores.reduce((sum, { templateBits }) => sum + templateBits, 0) / lines.length,
        'n-grams of order 3': (await bitsOf(tokens, ngram({ order: 3, vocabSize: size }))) / lines.length,
      };
      for (const [name, make] of Object.entries(NETWORKS)) perLine[name] = await learned(tokens, size, make());
      const coder = compressor();
      const perByte = (8 * (coder.add(bytes).length + coder.end().length)) / bytes.length;
      const most = (perLine['counts']! * lines.length) / bytes.length;
      const row = { log: file.replace('_2k.log', ''), templates: size - 1, perLine, bitsPerByte: perByte, ofTemplates: most }; // prettier-ignore
      if (json) console.log(JSON.stringify(row));
      else {
        const list = Object.entries(perLine).map(([name, bits]) => `${name} ${bits.toFixed(3)}`);
        console.log(`${row.log.padEnd(10)} bits per line: ${list.join(', ')}; ${perByte.toFixed(3)} bits per byte, of which templates ${most.toFixed(4)}`); // prettier-ignore
      }
    }
  },
});

async function learned(tokens: readonly Token[], size: number, optimizer: Optimizer): Promise<number> {
  using model = sequential(
    { gru: gru({ inputSize: size, hiddenSize: 64 }), linear: linear({ inputSize: 64, outputSize: size }) },
    { random: seeded(0) },
  );
  return (await bitsOf(tokens, predictThenLearn(model, { optimizer }))) / tokens.length;
}

function bitsOf(
  tokens: readonly Token[],
  score: OperatorFunction<Token, { readonly bits?: number | null | undefined }>,
): Promise<number> {
  return lastValueFrom(
    pull(tokens).pipe(
      score,
      reduce((sum, { bits }) => sum + (bits ?? 0), 0),
    ),
  );
}
