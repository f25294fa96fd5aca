// What it saves `predictThenLearn` to learn from what it computed for the scores, in turns with layers that do not allow
// it: `npm run bench:stream [-- --rounds N]`. Rates are tokens per second of this process's own time on the processor.
import { parseArgs } from 'node:util';
import { count, lastValueFrom } from 'rxjs';
import {
  adam,
  gru,
  type Layer,
  linear,
  lstm,
  type Model,
  predictThenLearn,
  pull,
  type RecurrentOptions,
  rnn,
  sequential,
} from '../../src/index.js';
import { asWholeWindows } from '../support/asWholeWindows.js';
import { median } from './timing.js';
import { makeText } from './workloads.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const rounds = Number(values.rounds);
const VOCABULARY = 65;
const text = makeText(40_000, VOCABULARY);

async function rate(
  make: (options: RecurrentOptions) => Layer,
  size: number,
  tokens: number,
  kept: boolean,
): Promise<number> {
  const of = (layer: Layer): Layer => (kept ? layer : asWholeWindows(layer));
  using model: Model = sequential({
    recurrent: of(make({ inputSize: VOCABULARY, hiddenSize: size })),
    linear: of(linear({ inputSize: size, outputSize: VOCABULARY })),
  });
  const learn = (tokens: number): Promise<number> => {
    const operator = predictThenLearn(model, { optimizer: adam({ learningRate: 1e-4 }) });
    return lastValueFrom(pull(text.subarray(0, tokens)).pipe(operator, count()));
  };
  await learn(200); // to warm up
  const before = process.cpuUsage();
  await learn(tokens);
  const { user, system } = process.cpuUsage(before);
  return (tokens * 1e6) / (user + system);
}

for (const [name, make, size, tokens] of [
  ['RNN of 100', rnn, 100, 30_000],
  ['GRU of 64', gru, 64, 20_000],
  ['LSTM of 128', lstm, 128, 12_000],
  ['LSTM of 512', lstm, 512, 1000],
] as const) {
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const rates = { whole: 0, kept: 0 };
    for (const way of round % 2 === 0 ? (['whole', 'kept'] as const) : (['kept', 'whole'] as const)) {
      rates[way] = await rate(make, size, tokens, way === 'kept');
    }
    ratios.push(rates.kept / rates.whole);
  }
  ratios.sort((a, b) => a - b);
  const [low, high] = [ratios[rounds >> 2]!, ratios[(3 * rounds) >> 2]!];
  console.log(
    `${name.padEnd(12)} ${median(ratios).toFixed(2)} times as fast, quartiles ${low.toFixed(2)} and ${high.toFixed(2)}`,
  );
}
