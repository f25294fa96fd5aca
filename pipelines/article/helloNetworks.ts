// hello → ohlol (system 6) with a cell whose state is the answer, with a layer, and with an embedding, two layers and a
// readout; and Karpathy's network of four letters.
import { defer, from, identity, map, type MonoTypeOperatorFunction, type Observable, scan, tap } from 'rxjs';
import {
  adagrad,
  backpropagate,
  crossEntropy,
  type Demand,
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
  pull,
  type Random,
  rnn,
  rnnCell,
  sequential,
  softmax,
  type State,
  stateDict,
  type Tensor,
  unroll,
  type Vocabulary,
  type Window,
} from '../../src/index.js';

/** The three networks of the article. */
export type Variant = 'A' | 'B' | 'C';

/** Sizes and chance of a network. */
export interface HelloModelOptions {
  readonly symbols: number;
  readonly hidden: number;
  /** Width of the embedding of variant C. */
  readonly embedded: number;
  readonly dtype: Dtype;
  readonly random: Random;
}

/** Makes a network. A: one cell; B: one layer; both answer with their state. C: embedding, two layers and a readout. */
export function helloModel(variant: Variant, { symbols, hidden, embedded, ...options }: HelloModelOptions): Model {
  if (variant === 'A') return sequential({ rnncell: rnnCell({ inputSize: symbols, hiddenSize: hidden }) }, options);
  if (variant === 'B') return sequential({ rnn: rnn({ inputSize: symbols, hiddenSize: hidden }) }, options);
  const layers = {
    emb: embedding({ inputSize: symbols, outputSize: embedded }),
    rnn: rnn({ inputSize: embedded, hiddenSize: hidden, numLayers: 2 }),
    fc: linear({ inputSize: hidden, outputSize: symbols }),
  };
  return sequential(layers, options);
}

/** One pass over the word. */
export interface Epoch {
  /** From 1. */
  readonly epoch: number;
  /** Nats: the sum over the letters, or their mean. */
  readonly loss: number;
  /** The likeliest letters, before this epoch's update. */
  readonly predicted: string;
}

/** How a word is learned. */
export interface LearnOptions {
  readonly reduction: 'sum' | 'mean';
  readonly optimizer: Optimizer;
  /** An operator between back-propagation and update: a clip, or a view of the gradients. */
  readonly between?: MonoTypeOperatorFunction<Differentiated>;
  /** Demand for epochs; without it they follow each other at once. */
  readonly demand?: Demand;
  /** Sees the outputs of each epoch, `[steps, 1, symbols]`. */
  readonly look?: (outputs: Tensor) => void;
}

/** Learns to turn one word into another, epoch after epoch, each from a zero state. */
export function learnWord(
  model: Model,
  symbols: Vocabulary,
  [input, target]: readonly [string, string],
  { reduction, optimizer, between = identity, demand, look = () => {} }: LearnOptions,
): Observable<Epoch> {
  const tokens = (word: string): Int32Array => Int32Array.from(word, (letter) => symbols.token(letter)!);
  const window: Window = {
    steps: input.length,
    lanes: 1,
    inputs: tokens(input),
    targets: tokens(target),
    resets: Uint8Array.of(1),
  };
  function* repeatWindow(): Generator<Window> {
    for (;;) yield window;
  }
  return defer(() => {
    let predicted = '';
    return pull(repeatWindow(), demand).pipe(
      unroll(model),
      tap((unrolled) => {
        const logits = outputs(unrolled);
        predicted = topLetters(logits, symbols);
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

/** The likeliest letter of each step. */
function topLetters({ shape, data }: Tensor, symbols: Vocabulary): string {
  const size = shape.at(-1)!;
  return Array.from({ length: data.length / size }, (_, t) => {
    const row = data.subarray(t * size, (t + 1) * size);
    return symbols.symbol(row.indexOf(Math.max(...row)));
  }).join('');
}

/** Makes Karpathy's network: weights `0.01 · normal` from NumPy's generator, zero biases, one bias in the cell. */
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

/** Makes the essay's Adagrad, which adds 1e-8 inside the root: the accumulator starts there. */
export function karpathyOptimizer(learningRate: number): Optimizer {
  return adagrad({ learningRate, initialAccumulator: 1e-8, epsilon: 0 });
}

/** Emits, after each letter, the probabilities of the next one: a `scan` over the model's step. */
export function nextLetters(model: Model, symbols: Vocabulary, letters: string): Observable<Float64Array> {
  return from(Array.from(letters)).pipe(
    scan((before: { state: State; output?: Tensor }, letter) => model.step(symbols.token(letter)!, before.state), {
      state: model.zeroState(),
    }),
    map(({ output }) => softmax(output!.data)),
  );
}
