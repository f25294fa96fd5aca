import { takeWhile, tap } from 'rxjs';
import { learnPairs, type Lexicon, translateAsArticle, translator } from '../../../pipelines/article/translation.js';
import {
  type Differentiated,
  type Dtype,
  gradients,
  loadStateDict,
  type Seq2seq,
  seeded,
  stateDict,
  type Tensor,
  type Tensors,
  torchRandom,
  vocabularyOf,
} from '../../../src/index.js';
import type { Check, Golden } from '../checkGolden.js';
import type { Allowed, Comparison } from '../comparison.js';

const AGREEMENT: Readonly<Record<Dtype, Allowed>> = {
  float64: { relative: 1e-11, absolute: 1e-12 },
  float32: { relative: 1e-4, absolute: 1e-5 },
};

export const sys7: Check = (golden, compare) => {
  if (golden.cases) for (const given of golden.cases) checkShuffled(given, golden.letters, compare);
  else for (const dtype of ['float64', 'float32'] as const) checkFixed(golden, dtype, compare);
};

/** Trains from the golden's weights, with the same batches in each epoch. */
function checkFixed(golden: Golden, dtype: Dtype, compare: Comparison): void {
  const expected = golden[dtype === 'float64' ? 'f64' : 'f32'];
  const { pairs, lr: learningRate, hidden, batches, initial } = golden;
  const allowed = AGREEMENT[dtype];
  const words = lexiconOf(golden);
  const model = translator(words, { hidden, dtype, random: seeded(0) });
  const tensors = Object.entries<{ shape: number[]; data: number[] }>(initial).map(
    ([name, { shape, data }]): [string, Tensor] => [name, { shape, data: Float64Array.from(data, Math.fround) }],
  );
  loadStateDict(model, new Map(tensors));
  let step = 0;
  let logits: Tensor | undefined;
  const observe = tap((differentiated: Differentiated) => {
    if (step === 0) summaries('gradient', gradients(differentiated), expected.grad_step1, allowed, compare);
  });
  const marks = Object.keys(expected.batch_costs_at_epoch).map(Number);
  const last = Math.max(...marks);
  const firstCosts: number[] = [];
  const costs = new Map<number, number[]>(marks.map((epoch) => [epoch, []]));
  learnPairs(model, words, pairs, {
    learningRate,
    batches: () => batches,
    look: (it) => (logits ??= it),
    between: observe,
  })
    .pipe(takeWhile(({ epoch }) => epoch <= last))
    .subscribe(({ epoch, cost }) => {
      step++;
      if (step <= expected.loss_first_50_steps.length) firstCosts.push(cost);
      costs.get(epoch)?.push(cost);
      const parameters = expected.parameters_after_steps[step];
      if (parameters) summaries(`after ${step}`, stateDict(model), parameters, allowed, compare);
    });
  const { shape, data } = expected.logits_step1;
  compare.close(`${dtype} logits`, batchMajor(logits!, shape), data, allowed);
  compare.close(`${dtype} costs, the first`, firstCosts, expected.loss_first_50_steps, allowed);
  for (const [epoch, values] of costs) {
    compare.close(`${dtype} costs at ${epoch}`, values, expected.batch_costs_at_epoch[epoch], allowed);
  }
  translations(model, words, expected.translations_at_last_epoch, dtype, compare);
}

/** The article's program under `torch.manual_seed`: weights and order from torch's generator. */
function checkShuffled(golden: Golden, letters: string, compare: Comparison): void {
  const { manual_seed: seed, pairs, hidden, batch_size: size, lr: learningRate, epochs, initial } = golden;
  const name = `seed ${seed}`;
  const random = torchRandom(seed);
  const words = lexiconOf({ n_step: golden.n_step, letters });
  const model = translator(words, { hidden, dtype: 'float32', random });
  for (const [key, { shape, data }] of stateDict(model)) {
    const { shape: expectedShape, first10 } = initial[key];
    compare.same(`${name} ${key} shape`, shape, expectedShape);
    compare.close(`${name} ${key}`, data.slice(0, first10.length), first10, { absolute: 1e-7 });
  }
  const orders: string[] = [];
  const batches = (): number[][] => {
    const order = random.dataLoaderOrder(pairs.length);
    orders.push(order.map((i) => i.toString(16)).join(''));
    return Array.from({ length: Math.ceil(order.length / size) }, (_, i) => order.slice(i * size, (i + 1) * size));
  };
  const costs: number[] = [];
  const perEpoch = Math.ceil(pairs.length / size);
  learnPairs(model, words, pairs, { learningRate, batches })
    .pipe(takeWhile(({ epoch }) => epoch <= epochs))
    .subscribe(({ cost }) => costs.push(cost));
  const expectedOrders: string[] = Array.isArray(golden.order_per_epoch)
    ? golden.order_per_epoch
    : golden.order_per_epoch.trim().split(/\s+/);
  compare.same(`${name} orders`, orders.slice(0, epochs), expectedOrders);
  compare.close(
    `${name} costs, the first`,
    costs.slice(0, golden.loss_first_50_steps.length),
    golden.loss_first_50_steps,
    AGREEMENT.float32,
  );
  for (const { epoch, batch_costs: expected, printed } of golden.costs) {
    const at = costs.slice((epoch - 1) * perEpoch, epoch * perEpoch);
    // a cost near zero is a difference of float32 numbers near ten: its last digits are rounding, ours as torch's
    compare.close(`${name} costs at ${epoch}`, at, expected, { relative: 1e-3, absolute: 3e-7 });
    if (epoch === 1000)
      compare.same(
        `${name} printed at ${epoch}`,
        at.map((cost) => `Epoch: ${String(epoch).padStart(4, '0')} cost = ${cost.toFixed(6)}`),
        printed,
      );
  }
  translations(model, words, golden.translations, name, compare);
}

/** The golden's own alphabet, after its S, E and ?. */
function lexiconOf({ n_step: longest, letters }: Golden): Lexicon {
  if (!letters.startsWith('SE?')) throw new Error(`letters must begin with SE?, got ${letters}`);
  return { symbols: vocabularyOf(['<start>', '<end>', '<pad>', ...Array.from<string>(letters).slice(3)]), longest };
}

function translations(model: Seq2seq, words: Lexicon, expected: Golden[], name: string, compare: Comparison): void {
  for (const { word, raw, translated } of expected) {
    const got = translateAsArticle(model, words, word);
    compare.same(`${name} ${word}`, [got.raw, got.translated], [raw, translated]);
  }
}

/** The target's part of time-major logits, as (batch, steps, classes). */
function batchMajor({ shape: [steps, lanes, size], data }: Tensor, [batch, kept]: readonly number[]): number[] {
  const result: number[] = [];
  for (let lane = 0; lane < batch!; lane++) {
    for (let t = steps! - kept!; t < steps!; t++) {
      const row = (t * lanes! + lane) * size!;
      result.push(...data.subarray(row, row + size!));
    }
  }
  return result;
}

function summaries(name: string, actual: Tensors, golden: Golden, allowed: Allowed, compare: Comparison): void {
  for (const [key, expected] of Object.entries<Golden>(golden)) {
    const numbers = [...actual.get(key)!.data];
    const figures: Record<string, number | number[]> = {
      sum: numbers.reduce((sum, x) => sum + x, 0),
      norm: Math.hypot(...numbers),
      first10: numbers.slice(0, 10),
      last10: numbers.slice(-10),
    };
    for (const [figure, value] of Object.entries<Golden>(expected)) {
      if (figure in figures) compare.close(`${name} ${key} ${figure}`, figures[figure]!, value, allowed);
      else compare.failures.push(`${name} ${key}: unknown figure ${figure}`);
    }
  }
}
