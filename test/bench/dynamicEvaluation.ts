// Compares a model that keeps learning with the same model frozen, on a text that changes author midway:
// `tsx test/bench/dynamicEvaluation.ts [--first FILE] [--second FILE] [--train N] [--hidden N] [--json]`.
//
// A GRU learns the first N characters of the first file; then both read the rest of it and the second file as one stream.
// Prints bits per character before and after the change (dynamic evaluation: Krause et al., 2018).
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { concat, from, lastValueFrom, type OperatorFunction, reduce, skip } from 'rxjs';
import { pull } from '../../src/flow/pull.js';
import { ngram } from '../../src/infer/ngram.js';
import { predictThenLearn } from '../../src/infer/predictThenLearn.js';
import { surprisal } from '../../src/infer/surprisal.js';
import { gru } from '../../src/layer/gru.js';
import { linear } from '../../src/layer/linear.js';
import { adam } from '../../src/learn/adam.js';
import { sgd } from '../../src/learn/sgd.js';
import { train } from '../../src/learn/train.js';
import type { Model } from '../../src/model/model.js';
import { loadStateDict } from '../../src/model/loadStateDict.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { lanes } from '../../src/token/lanes.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';
import { windows } from '../../src/token/windows.js';
import type { Token } from '../../src/types.js';

const near = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({
  options: {
    first: { type: 'string', default: near('../../../shared/data/tinyshakespeare.txt') },
    second: { type: 'string', default: near('../../README.md') },
    train: { type: 'string', default: '150000' },
    hidden: { type: 'string', default: '64' },
    json: { type: 'boolean', default: false },
  },
});
const LANES = 10;
const seen = Number(values.train);
const hidden = Number(values.hidden);
const started = performance.now();

const [first, second] = [values.first, values.second].map((path) => Array.from(readFileSync(path, 'utf8')));
const symbols = vocabularyOf([...new Set([...first!, ...second!])].toSorted());
const tokens = (text: readonly string[]): Token[] => text.map((symbol) => symbols.token(symbol)!);
const heldOut = tokens(first!.slice(seen, seen + 12_000));
const stream = [...heldOut, ...tokens(second!)];

const grams = { order: 5, vocabSize: symbols.size };
const trained = makeModel();
const learned$ = pull(lanes(tokens(first!.slice(0, seen)), LANES)).pipe(
  windows({ steps: 25, lanes: LANES }),
  train(trained, { optimizer: adam({ learningRate: 0.004 }) }),
);
const { loss } = await lastValueFrom(learned$);

const rows = [
  await readStream('frozen', surprisal(trained)),
  await readStream('learns, sgd 0.1', predictThenLearn(copyModel(), { optimizer: sgd({ learningRate: 0.1 }) })),
  await readStream('learns, adam 0.002', predictThenLearn(copyModel(), { optimizer: adam({ learningRate: 0.002 }) })),
  await readStream('n-gram of 5', (rest$) =>
    concat(tokens(first!.slice(0, seen)), rest$).pipe(ngram(grams), skip(seen)),
  ),
];
const seconds = Math.round((performance.now() - started) / 1000);
if (values.json) {
  for (const row of rows) console.log(JSON.stringify(row));
} else {
  console.log(`${seen} characters learned (${(loss / Math.LN2).toFixed(2)} bits at last), ${symbols.size} symbols`);
  console.log(`${heldOut.length} of the same author, then ${stream.length - heldOut.length} of another; ${seconds} s`);
  for (const { how, same, other } of rows) {
    console.log(`${how.padEnd(20)} ${same.toFixed(3)} then ${other.toFixed(3)} bits per character`);
  }
}

function makeModel(): Model {
  return sequential({
    gru: gru({ inputSize: symbols.size, hiddenSize: hidden }),
    linear: linear({ inputSize: hidden, outputSize: symbols.size }),
  });
}

function copyModel(): Model {
  const copy = makeModel();
  loadStateDict(copy, stateDict(trained));
  return copy;
}

/** Computes the mean bits before and after the change of author. */
async function readStream(
  how: string,
  score: OperatorFunction<Token, { readonly bits: number }>,
): Promise<{ how: string; same: number; other: number }> {
  const [same, other] = await lastValueFrom(
    from(stream).pipe(
      score,
      reduce(([same, other], { bits }, i) => (i < heldOut.length ? [same + bits, other] : [same, other + bits]), [
        0, 0,
      ] as [number, number]),
    ),
  );
  return { how, same: same / heldOut.length, other: other / (stream.length - heldOut.length) };
}
