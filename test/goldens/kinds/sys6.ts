import { take, tap } from 'rxjs';
import {
  type Epoch,
  helloModel,
  karpathyModel,
  karpathyOptimizer,
  learnWord,
  nextLetters,
} from '../../../pipelines/article/helloNetworks.js';
import {
  adam,
  clipGradValue,
  type Differentiated,
  type Dtype,
  gradients,
  loadStateDict,
  type Model,
  seeded,
  softmax,
  stateDict,
  type Tensor,
  torchRandom,
  vocabularyOf,
} from '../../../src/index.js';
import type { Check, Golden } from '../checkGolden.js';
import type { Comparison } from '../comparison.js';

const AGREEMENT = { float64: { absolute: 1e-11, relative: 1e-11 }, float32: { absolute: 1e-4, relative: 1e-4 } };

export const sys6: Check = (golden, compare) => {
  if (golden.cases[0]?.text) for (const given of golden.cases) karpathy(given, compare);
  else ohlol(golden, compare);
};

function ohlol(golden: Golden, compare: Comparison): void {
  for (const given of golden.cases) for (const dtype of ['float64', 'float32'] as const) learn(given, dtype, compare);
  for (const given of golden.long_runs_seed0 ?? []) {
    const same = ({ variant, manual_seed: seed }: Golden): boolean =>
      variant === given.variant && seed === given.manual_seed;
    const { initial } = golden.cases.find(same);
    for (const dtype of ['float64', 'float32'] as const) learn({ ...given, initial }, dtype, compare);
  }
}

/** One network from the golden's weights; in float32 only while rounding leaves the letters comparable. */
function learn(given: Golden, dtype: Dtype, compare: Comparison): void {
  const { variant, manual_seed: seed, hidden_size: hidden, lr, epochs, input, target, initial } = given;
  const expected = given[dtype === 'float64' ? 'f64' : 'f32'];
  const name = `${variant} seed ${seed} ${dtype}, ${epochs} epochs:`;
  const symbols = vocabularyOf(Array.from(given.vocabulary as string));
  const embedded = initial['emb.weight']?.shape[1] ?? 1;
  const make = (random: Parameters<typeof helloModel>[1]['random']): Model =>
    helloModel(variant, { symbols: symbols.size, hidden, embedded, dtype, random });

  // torch's own initial weights come from its generator
  for (const [key, { data }] of stateDict(make(torchRandom(seed)))) {
    compare.close(`${name} drawn ${key}`, data, initial[key].data, { absolute: 1e-6 });
  }
  const model = make(seeded(0));
  loadStateDict(model, tensors(initial));
  const logits: Tensor[] = [];
  const learned: Epoch[] = [];
  const observe = tap((differentiated: Differentiated) => {
    if (learned.length > 0 || !expected.grad_epoch1) return;
    for (const [key, { data }] of gradients(differentiated)) {
      compare.close(`${name} gradient ${key}`, data, expected.grad_epoch1[key].data, AGREEMENT[dtype]);
    }
  });
  const options = {
    reduction: variant === 'A' ? ('sum' as const) : ('mean' as const),
    optimizer: adam({ learningRate: lr }),
    between: observe,
    look: (outputs: Tensor) => void (logits.length === 0 && logits.push(outputs)),
  };
  learnWord(model, symbols, [input, target], options)
    .pipe(take(epochs))
    .subscribe((epoch) => learned.push(epoch));
  if (expected.logits_epoch1) {
    compare.close(`${name} logits`, logits[0]!.data, expected.logits_epoch1.data, AGREEMENT[dtype]);
  }
  const losses = (list: readonly Epoch[], length: number): number[] => list.slice(0, length).map(({ loss }) => loss);
  const words = (list: readonly Epoch[], length: number): string[] =>
    list.slice(0, length).map(({ predicted }) => predicted);
  compare.close(`${name} loss`, losses(learned, expected.loss.length), expected.loss, AGREEMENT[dtype]);
  compare.same(`${name} predicted`, words(learned, expected.predicted.length), expected.predicted);
  const tens = learned.filter(({ epoch }) => epoch % 10 === 0);
  compare.close(
    `${name} loss, every 10th`,
    losses(tens, expected.loss_every_10.length),
    expected.loss_every_10,
    AGREEMENT[dtype],
  );
  compare.same(
    `${name} predicted, every 10th`,
    words(tens, expected.predicted_every_10.length),
    expected.predicted_every_10,
  );
  const right = learned.find(({ predicted }) => predicted === target)?.epoch ?? null;
  compare.same(`${name} first right`, right, expected.first_epoch_right);
  for (const [key, { data }] of Object.entries<{ data: number[] }>(expected.final ?? {})) {
    compare.close(`${name} final ${key}`, stateDict(model).get(key)!.data, data, AGREEMENT[dtype]);
  }
}

/** float32 numbers, written as the shortest decimals that round to them. */
function tensors(golden: Record<string, { shape: number[]; data: number[] }>): ReadonlyMap<string, Tensor> {
  return new Map(
    Object.entries(golden).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, Math.fround) },
    ]),
  );
}

const KARPATHY = {
  Wxh: 'rnn.weight_ih_l0',
  Whh: 'rnn.weight_hh_l0',
  Why: 'linear.weight',
  bh: 'rnn.bias_ih_l0',
  by: 'linear.bias',
} as const;

function karpathy(given: Golden, compare: Comparison): void {
  const { seed, text, hidden, lr, iterations, clip } = given;
  const letters = Array.from(given.vocabulary as string);
  const symbols = vocabularyOf(letters);
  const model = karpathyModel(letters.length, hidden, seed);
  const name = `seed ${seed}`;
  const agreement = AGREEMENT.float64;
  /** In `parameters` by the golden's names. */
  function compareTensors(what: string, parameters: ReadonlyMap<string, Tensor>, expected: Golden): void {
    for (const [key, { data }] of Object.entries<{ data: number[] }>(expected)) {
      compare.close(
        `${name} ${what} ${key}`,
        parameters.get(KARPATHY[key as keyof typeof KARPATHY])!.data,
        data,
        agreement,
      );
    }
  }
  compareTensors('initial', stateDict(model), given.initial);
  const learned: Epoch[] = [];
  let last: Tensor | undefined;
  const between = (source: Parameters<ReturnType<typeof clipGradValue>>[0]) =>
    source.pipe(
      clipGradValue(clip),
      tap(
        (differentiated) =>
          learned.length === 0 && compareTensors('gradient', gradients(differentiated), given.grad_iter_0),
      ),
    );
  const probabilities = ({ shape, data }: Tensor): number[] => {
    const size = shape.at(-1)!;
    return Array.from({ length: data.length / size }, (_, t) => [
      ...softmax(data.subarray(t * size, (t + 1) * size)),
    ]).flat();
  };
  learnWord(model, symbols, [text.slice(0, -1), text.slice(1)], {
    reduction: 'sum',
    optimizer: karpathyOptimizer(lr),
    between,
    look: (outputs) => (last = outputs),
  })
    .pipe(take(iterations))
    .subscribe((epoch) => {
      learned.push(epoch);
      for (const key of Object.keys(given).filter((field) => field === `probabilities_iter_${epoch.epoch - 1}`)) {
        compare.close(
          `${name} ${key}`,
          probabilities(last!),
          given[key].flat?.(Infinity) ?? given[key].data,
          agreement,
        );
      }
    });
  const losses = learned.map(({ loss }) => loss);
  compare.close(`${name} loss`, losses.slice(0, given.loss_first_100.length), given.loss_first_100, agreement);
  const fiftieth = learned.filter((_, i) => i % 50 === 0);
  compare.close(
    `${name} loss, every 50th`,
    fiftieth.map(({ loss }) => loss),
    given.loss_every_50,
    agreement,
  );
  compare.same(
    `${name} predicted`,
    fiftieth.map(({ predicted }) => predicted),
    given.predicted_every_50,
  );
  compare.close(`${name} final loss`, losses.at(-1)!, given.final_loss, agreement);
  const right = learned.findIndex(({ predicted }) => predicted === text.slice(1));
  compare.same(`${name} first right`, right, given.first_iteration_right);
  compareTensors('final', stateDict(model), given.final);
  let steps = 0;
  nextLetters(model, symbols, text.slice(0, -1)).subscribe((row) => {
    steps++;
    compare.close(
      `${name} probabilities sum to one`,
      row.reduce((sum, p) => sum + p, 0),
      1,
      agreement,
    );
  });
  compare.same(`${name} letters`, steps, text.length - 1);
}
