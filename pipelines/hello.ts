// hello → ohlol (system 6) by a cell whose state is the answer, by a layer, and by embedding, two layers and a readout;
// then Karpathy's four-letter hello, with the probabilities of each next letter.
import {
  defer,
  from,
  identity,
  map,
  type MonoTypeOperatorFunction,
  type Observable,
  repeat,
  scan,
  take,
  tap,
} from 'rxjs';
import {
  adagrad,
  adam,
  backpropagate,
  clipGradValue,
  crossEntropy,
  type Differentiated,
  type Dtype,
  embedding,
  linear,
  loadStateDict,
  type Model,
  numpyRandom,
  optimize,
  type Optimizer,
  outputs,
  type Random,
  rnn,
  rnnCell,
  sequential,
  softmax,
  type State,
  stateDict,
  type Tensor,
  torchRandom,
  unroll,
  type Vocabulary,
  vocabularyOf,
  type Window,
} from '../src/index.js';
import { command } from './support/command.js';

export type Variant = 'A' | 'B' | 'C';

export interface HelloModelOptions {
  readonly symbols: number;
  readonly hidden: number;
  /** Width of the embedding of variant C. */
  readonly embedded: number;
  readonly dtype: Dtype;
  readonly random: Random;
}

/** A: one cell. B: one layer. Both answer with their state. C: embedding, two layers and a readout. */
export function helloModel(variant: Variant, { symbols, hidden, embedded, ...options }: HelloModelOptions): Model {
  if (variant === 'A') return sequential({ rnncell: rnnCell({ inputSize: symbols, hiddenSize: hidden }) }, options);
  if (variant === 'B') return sequential({ rnn: rnn({ inputSize: symbols, hiddenSize: hidden }) }, options);
  const layers = {
    emb: embedding({ vocabSize: symbols, embeddingSize: embedded }),
    rnn: rnn({ inputSize: embedded, hiddenSize: hidden, numLayers: 2 }),
    fc: linear({ inputSize: hidden, outputSize: symbols }),
  };
  return sequential(layers, options);
}

export interface Epoch {
  /** From 1. */
  readonly epoch: number;
  /** Nats: the sum over the letters, or their mean. */
  readonly loss: number;
  /** The likeliest letters, as they were before this epoch's update. */
  readonly predicted: string;
}

export interface LearnOptions {
  readonly reduction: 'sum' | 'mean';
  readonly optimizer: Optimizer;
  /** Between back-propagation and update: a clip, or a look at the gradients. */
  readonly between?: MonoTypeOperatorFunction<Differentiated>;
  /** Sees the outputs of each epoch, `[steps, 1, symbols]`. */
  readonly look?: (outputs: Tensor) => void;
}

/** One word into another, again and again, each time from a state of zeros. */
export function learnWord(
  model: Model,
  symbols: Vocabulary,
  [input, target]: readonly [string, string],
  { reduction, optimizer, between = identity, look = () => {} }: LearnOptions,
): Observable<Epoch> {
  const tokens = (word: string): Int32Array => Int32Array.from(word, (letter) => symbols.token(letter)!);
  const window: Window = {
    steps: input.length,
    lanes: 1,
    inputs: tokens(input),
    targets: tokens(target),
    resets: Uint8Array.of(1),
  };
  return defer(() => {
    let predicted = '';
    return from([window]).pipe(
      repeat(),
      unroll(model),
      tap((unrolled) => {
        const logits = outputs(unrolled);
        predicted = likeliest(logits, symbols);
        look(logits);
      }),
      crossEntropy({ reduction }),
      backpropagate(model),
      between,
      optimize(model, optimizer),
      map(({ step, loss }) => ({ epoch: step, loss: reduction === 'sum' ? loss * window.steps : loss, predicted })),
    );
  });
}

function likeliest({ shape, data }: Tensor, symbols: Vocabulary): string {
  const size = shape.at(-1)!;
  return Array.from({ length: data.length / size }, (_, t) => {
    const row = data.subarray(t * size, (t + 1) * size);
    return symbols.symbol(row.indexOf(Math.max(...row)));
  }).join('');
}

/** Karpathy's network: weights `0.01 · normal` from NumPy's generator, biases zero, one bias in the cell. */
export function karpathyModel(symbols: number, hidden: number, seed: number): Model {
  const model = sequential(
    {
      rnn: rnn({ inputSize: symbols, hiddenSize: hidden }),
      linear: linear({ inputSize: hidden, outputSize: symbols }),
    },
    { dtype: 'float64', frozen: ['rnn.bias_hh_l0'] },
  );
  const random = numpyRandom(seed);
  const parameters = stateDict(model);
  for (const [name, { data }] of parameters) {
    for (let i = 0; i < data.length; i++) data[i] = name.includes('weight') ? random.normal() * 0.01 : 0;
  }
  loadStateDict(model, parameters);
  return model;
}

/** The essay's Adagrad has its 1e-8 inside the root: an accumulator that starts there. */
export function karpathyOptimizer(learningRate: number): Optimizer {
  return adagrad({ learningRate, initialAccumulator: 1e-8, epsilon: 0 });
}

/** After each letter, the probabilities of the next: a `scan` over the model's step. */
export function nextLetters(model: Model, symbols: Vocabulary, letters: string): Observable<Float64Array> {
  return from(Array.from(letters)).pipe(
    scan((before: { state: State; output?: Tensor }, letter) => model.step(symbols.token(letter)!, before.state), {
      state: model.zeroState(),
    }),
    map(({ output }) => softmax(output!.data)),
  );
}

const LECTURE = { A: { hidden: 4, rate: 0.1 }, B: { hidden: 4, rate: 0.05 }, C: { hidden: 8, rate: 0.05 } } as const;

await command(import.meta.url, {
  about: 'hello into ohlol by three networks, and the next letters of hello.',
  options: {
    seed: {
      kind: 'seed',
      help: 'seed of the weights; with 0 the first two stay at ohlll, as they do in PyTorch',
      initial: 2,
    },
    epochs: { kind: 'count', help: 'epochs of each network', initial: 15 },
    json: { kind: 'flag', help: 'one JSON object an epoch and nothing else' },
  },
  async run({ seed, epochs, json }) {
    const symbols = vocabularyOf(Array.from('ehlo'));
    for (const variant of ['A', 'B', 'C'] as const) {
      const { hidden, rate } = LECTURE[variant];
      const model = helloModel(variant, {
        symbols: 4,
        hidden,
        embedded: 10,
        dtype: 'float32',
        random: torchRandom(seed),
      });
      const optimizer = adam({ learningRate: rate });
      const reduction = variant === 'A' ? 'sum' : 'mean';
      if (!json) console.log({ A: 'RNNCell', B: '\nRNN', C: '\nembedding, RNN of two layers, linear' }[variant]);
      const epoch$ = learnWord(model, symbols, ['hello', 'ohlol'], { reduction, optimizer }).pipe(take(epochs));
      epoch$.subscribe(({ epoch, loss, predicted }) => {
        if (json) console.log(JSON.stringify({ variant, epoch, loss, predicted }));
        else console.log(`${predicted}  epoch ${epoch} of ${epochs}, loss ${loss.toFixed(3)}`);
      });
    }
    const letters = vocabularyOf(Array.from('helo'));
    const model = karpathyModel(4, 3, seed);
    const options = { reduction: 'sum', optimizer: karpathyOptimizer(0.1), between: clipGradValue(5) } as const;
    if (!json) console.log('\nthe next letter of hello');
    const iteration$ = learnWord(model, letters, ['hell', 'ello'], options).pipe(take(1001));
    iteration$.subscribe(({ epoch, loss, predicted }) => {
      if (epoch % 100 !== 1) return;
      if (json) console.log(JSON.stringify({ variant: 'karpathy', epoch, loss, predicted }));
      else console.log(`iter ${epoch - 1}, loss: ${loss.toFixed(6)}, predicted: ${predicted}`);
    });
    let written = '';
    nextLetters(model, letters, 'hell').subscribe((probabilities) => {
      written += 'hell'[written.length];
      const next = Object.fromEntries(letters.symbols.map((letter, i) => [letter, probabilities[i]!]));
      if (json) console.log(JSON.stringify({ after: written, next }));
      else
        console.log(
          `${written.padEnd(4)} → ${Object.entries(next)
            .map(([l, p]) => `${l} ${p.toFixed(3)}`)
            .join('  ')}`,
        );
    });
  },
});
