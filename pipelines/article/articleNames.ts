// The article's character model of names (system 5), its numbers to the digit: NumPy's generator for weights, shuffle
// and samples, the hidden state carried from name to name, the sum of losses descended, gradients clipped one by one.
import {
  defer,
  from,
  identity,
  lastValueFrom,
  map,
  mergeMap,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import {
  backpropagate,
  clipGradValue,
  crossEntropy,
  type Differentiated,
  linear,
  loadStateDict,
  type Model,
  numpyRandom,
  optimize,
  pull,
  rnn,
  sequences,
  sequential,
  sgd,
  type Token,
  unroll,
  type Vocabulary,
  vocabulary,
} from '../../src/index.js';

export interface ArticleOptions {
  /** In file order; they are lower-cased and trimmed here, as the article does. */
  readonly names: readonly string[];
  readonly hidden: number;
  readonly learningRate: number;
  /** Every gradient is held to [−clip, clip]. */
  readonly clip: number;
  readonly initialSeed: number;
  readonly shuffleSeed: number;
  /** How many names are drawn at a mark; also in the smooth loss's first value, `ln(vocabulary) · sampled`. */
  readonly sampled: number;
  /** Size of the one-hot vectors: what the names need, unless the program was run with a larger one. */
  readonly vocabularySize?: number;
}

export interface ArticleStep {
  readonly iteration: number;
  /** Of this name: nats, summed over its characters. */
  readonly loss: number;
  /** `0.999 · smoothLoss + 0.001 · loss`. */
  readonly smoothLoss: number;
}

export interface Article {
  readonly symbols: Vocabulary;
  readonly model: Model;
  /** The names in the order of training. */
  readonly order: readonly string[];
  /** Iterations without end; `observe` sees the clipped gradients before each update. */
  steps(observe?: MonoTypeOperatorFunction<Differentiated>): Observable<ArticleStep>;
}

export async function article(options: ArticleOptions): Promise<Article> {
  const { hidden, learningRate, clip, initialSeed, shuffleSeed, sampled } = options;
  const names = options.names.map((name) => name.toLowerCase().trim());
  const symbols = await lastValueFrom(
    from(names).pipe(
      mergeMap((name) => [...name, '\n']),
      vocabulary(),
    ),
  );
  const { vocabularySize = symbols.size } = options;
  const model = articleModel(vocabularySize, hidden, initialSeed);
  const order = numpyRandom(shuffleSeed).shuffle([...names]);
  const encoded = order.map((name) => Array.from(name, (symbol) => symbols.token(symbol)!));

  function* forever(): Generator<Token[]> {
    for (;;) yield* encoded;
  }
  return {
    symbols,
    model,
    order,
    steps: (observe = identity) =>
      defer(() => {
        let smoothLoss = -Math.log(1 / vocabularySize) * sampled;
        let before = 0;
        return pull(forever()).pipe(
          sequences({ end: symbols.token('\n')!, carry: true }),
          unroll(model),
          crossEntropy({ reduction: 'sum' }),
          backpropagate(model),
          clipGradValue(clip),
          observe,
          optimize(model, sgd({ learningRate })),
          map(({ step, tokens, loss: mean }) => {
            const loss = mean * (tokens - before);
            before = tokens;
            smoothLoss = smoothLoss * 0.999 + loss * 0.001;
            return { iteration: step - 1, loss, smoothLoss };
          }),
        );
      }),
  };
}

/** The article's weights under our names. Its cell has one bias: ours is torch's, whose second stays zero. */
const NAMES = {
  Wax: 'rnn.weight_ih_l0',
  Waa: 'rnn.weight_hh_l0',
  Wya: 'linear.weight',
  b: 'rnn.bias_ih_l0',
  by: 'linear.bias',
} as const;

function articleModel(vocabularySize: number, hidden: number, seed: number): Model {
  const model = sequential(
    {
      rnn: rnn({ inputSize: vocabularySize, hiddenSize: hidden }),
      linear: linear({ inputSize: hidden, outputSize: vocabularySize }),
    },
    { dtype: 'float64', frozen: ['rnn.bias_hh_l0'] },
  );
  const random = numpyRandom(seed);
  const normals = (rows: number, columns: number): Float64Array =>
    Float64Array.from({ length: rows * columns }, () => random.normal() * 0.01);
  loadArticle(model, {
    Wax: normals(hidden, vocabularySize),
    Waa: normals(hidden, hidden),
    Wya: normals(vocabularySize, hidden),
    b: new Float64Array(hidden),
    by: new Float64Array(vocabularySize),
  });
  return model;
}

export type ArticleParameters = Readonly<Record<keyof typeof NAMES, Float64Array>>;

export function loadArticle(model: Model, parameters: ArticleParameters): void {
  const tensors = new Map(
    [...model.weights.tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice().fill(0) }]),
  );
  for (const [name, own] of Object.entries(NAMES)) tensors.get(own)!.data.set(parameters[name as keyof typeof NAMES]);
  loadStateDict(model, tensors);
}

/** A model's numbers under the article's names. */
export function articleParameters(
  tensors: ReadonlyMap<string, { readonly data: ArrayLike<number> }>,
): ArticleParameters {
  const entries = Object.entries(NAMES).map(([name, own]) => [name, Float64Array.from(tensors.get(own)!.data)]);
  return Object.fromEntries(entries) as ArticleParameters;
}
