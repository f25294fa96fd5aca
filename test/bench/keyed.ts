import { count, from, lastValueFrom } from 'rxjs';
import { gru, linear, lstm, type Model, rnn, sequential, surprisal, surprisalByKey } from '../../src/index.js';
import type { BareOptions } from './bare.js';
import type { Machinery } from './job.js';
import { median, roundTo } from './timing.js';
import { makeText } from './workloads.js';

const VOCABULARY = 65;
const LANES = 16;
const KEYS = 1000;
const MAKERS = { rnn, gru, lstm } as const;
const COMPARED = [
  ['rnn', 128],
  ['gru', 64],
  ['lstm', 128],
  ['lstm', 512],
] as const;

/** Tokens of the runs that only warm up. */
const FEW = 4000;

/** Scores all tokens, either way. */
interface Runs {
  one(): Promise<number>;
  keyed(): Promise<number>;
}

/**
 * Scores the same tokens as one stream and as those of 1,000 keys in 16 lanes, whose keys come in no order, in turns in one
 * process; prints both rates, of this process's own time on the processor, and their ratio.
 */
export async function keyed(machinery: Machinery, { json, seconds, rounds }: BareOptions): Promise<void> {
  for (const [cell, hiddenSize] of COMPARED) {
    using model: Model = sequential(
      {
        recurrent: MAKERS[cell]({ inputSize: VOCABULARY, hiddenSize }),
        linear: linear({ inputSize: hiddenSize, outputSize: VOCABULARY }),
      },
      machinery,
    );
    const runsOf = (length: number): Runs => {
      const tokens = Array.from(makeText(length, VOCABULARY));
      const items = tokens.map((token, i) => ({ key: keyOf(i), token }));
      return {
        one: () => lastValueFrom(from(tokens).pipe(surprisal(model), count())),
        keyed: () => lastValueFrom(from(items).pipe(surprisalByKey(model, { lanes: LANES }), count())),
      };
    };
    const few = runsOf(FEW);
    await few.one();
    await few.keyed(); // which warms up, so that the next is as long as those that count
    const length = Math.max(FEW, Math.round((FEW * seconds * 5e5) / rounds / (await cost(few.keyed)))); // half a round
    const runs = runsOf(length);
    await runs.keyed();
    await runs.one();
    const rates: Record<keyof Runs, number[]> = { one: [], keyed: [] };
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const way of round % 2 === 0 ? (['one', 'keyed'] as const) : (['keyed', 'one'] as const)) {
        rates[way].push((length * 1e6) / (await cost(runs[way])));
      }
      ratios.push(rates.keyed.at(-1)! / rates.one.at(-1)!);
    }
    ratios.sort((a, b) => a - b);
    const [one, many, ratio] = [median(rates.one), median(rates.keyed), median(ratios)];
    const [low, high] = [ratios[rounds >> 2]!, ratios[(3 * rounds) >> 2]!];
    if (json) {
      console.log(
        JSON.stringify({
          cell,
          hidden: hiddenSize,
          vector_bits: model.kernel.vectorBits,
          tokens_per_s: roundTo(one, 1),
          keyed_tokens_per_s: roundTo(many, 1),
          ratio: roundTo(ratio, 3),
          quartiles: [roundTo(low, 3), roundTo(high, 3)],
          rounds,
        }),
      );
      continue;
    }
    const [alone, together] = [one, many].map((rate) => Math.round(rate).toLocaleString('en').padStart(9));
    const span = `quartiles ${low.toFixed(2)} and ${high.toFixed(2)}`;
    console.log(
      `${`${cell} ${hiddenSize}`.padEnd(9)} one stream ${alone}, keyed ${together} tokens/s, × ${ratio.toFixed(2)}, ${span}`,
    );
  }
}

/** The key of the token at a place in the text: in no order, so that a state is seldom where it was last used. */
function keyOf(i: number): number {
  return (Math.imul(i ^ (i >>> 7), 0x9e3779b1) >>> 8) % KEYS;
}

/** Microseconds on the processor. */
async function cost(run: () => Promise<number>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
