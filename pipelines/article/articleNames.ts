// The article's character model of names (system 5), digit for digit: NumPy's generator for weights, order and samples,
// the hidden state carried from name to name, the summed loss minimized, each gradient clipped.
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
  type Demand,
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
  unlimited,
  unroll,
  type Vocabulary,
  vocabulary,
} from '../../src/index.js';

/** The settings of the article's program. */
export interface ArticleOptions {
  /** In the order of the file; lower-cased and trimmed here, as in the article. */
  readonly names: readonly string[];
  readonly hidden: number;
  readonly learningRate: number;
  /** Every gradient is limited to [−clip, clip]. */
  readonly clip: number;
  readonly initialSeed: number;
  readonly shuffleSeed: number;
  /** Number of names drawn at a mark; the smooth loss starts at `ln(vocabulary) · sampled`. */
  readonly sampled: number;
  /** Size of the one-hot vectors; by default the number of symbols in the names. */
  readonly vocabularySize?: number;
  /** When to learn a name; `unlimited` by default. */
  readonly demand?: Demand;
}

/** One iteration: one name learned. */
export interface ArticleStep {
  readonly iteration: number;
  /** Nats, summed over the characters of the name. */
  readonly loss: number;
  /** `0.999 · smoothLoss + 0.001 · loss`. */
  readonly smoothLoss: number;
}

/** The article's program, ready to run. */
export interface Article {
  readonly symbols: Vocabulary;
  readonly model: Model;
  /** The names in the order of training. */
  readonly order: readonly string[];
  /** Runs iterations without end; `observe` sees the clipped gradients before each update. */
  steps(observe?: MonoTypeOperatorFunction<Differentiated>): Observable<ArticleStep>;
}

/** Prepares the article's program. */
export async function article(options: ArticleOptions): Promise<Article> {
  const { hidden, learningRate, clip, initialSeed, shuffleSeed, sampled } = options;
  const names = options.names.map((name) => name.toLowerCase().trim());
  const symbols = await lastValueFrom(
    from(names).pipe(
      mergeMap((name) => [...name, '\n']),
      vocabulary(),
    ),
  );
  const { vocabularySize = symbols.size, demand = unlimited } = options;
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
        return pull(forever(), demand).pipe(
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

/** Our names of the article's weights. Its cell has one bias, torch's has two: the second stays zero. */
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

/** Weights by the article's names. */
export type ArticleParameters = Readonly<Record<keyof typeof NAMES, Float64Array>>;

/** Loads weights under the article's names. */
export function loadArticle(model: Model, parameters: ArticleParameters): void {
  const tensors = new Map(
    [...model.weights.tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice().fill(0) }]),
  );
  for (const [name, own] of Object.entries(NAMES)) tensors.get(own)!.data.set(parameters[name as keyof typeof NAMES]);
  loadStateDict(model, tensors);
}

/** Gives a model's weights under the article's names. */
export function articleParameters(
  tensors: ReadonlyMap<string, { readonly data: ArrayLike<number> }>,
): ArticleParameters {
  const entries = Object.entries(NAMES).map(([name, own]) => [name, Float64Array.from(tensors.get(own)!.data)]);
  return Object.fromEntries(entries) as ArticleParameters;
}
