import { checkGenerator } from '../learn/checkGenerator.js';
import { checkOptimizer } from '../learn/checkOptimizer.js';
import { checkModel } from '../model/checkModel.js';
import { type MonoTypeOperatorFunction, type OperatorFunction, pipe } from 'rxjs';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { show } from '../check/show.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { operator } from '../flow/operator.js';
import { backpropagate } from '../learn/backpropagate.js';
import { clipGradNorm } from '../learn/clipGradNorm.js';
import { crossEntropy } from '../learn/crossEntropy.js';
import { optimize } from '../learn/optimize.js';
import type { Optimizer } from '../learn/optimizer.js';
import type { Differentiated, Scored, Unrolled } from '../learn/stages.js';
import { keptWindows } from './keptWindows.js';
import { unroll } from '../learn/unroll.js';
import type { Model } from '../model/model.js';
import type { Random } from '../random/random.js';
import type { Token, TrainingStep, Window } from '../types.js';
import { checkStreaming } from './checkStreaming.js';
import type { SeriesRow } from '../series/checkRow.js';
import { predictThenLearnRows, type PredictThenLearnRowsOptions, type ProgressiveRow } from './predictThenLearnRows.js';
import { READ_FROM_CHECKS, type ReadFrom, scorer } from './scorer.js';
import { learner } from './learner.js';
import type { Surprisal } from './surprisalOf.js';

/** How a model learns a stream while it reads it. */
export interface PredictThenLearnOptions extends ReadFrom {
  /** What updates the parameters; each model needs its own. */
  readonly optimizer: Optimizer;
  /** Targets per window: how far back the gradient reaches; 25 by default, 1 learns after every token. */
  readonly steps?: number | undefined;
  /** `crossEntropy()` by default. */
  readonly loss?: OperatorFunction<Unrolled, Scored> | undefined;
  /** `clipGradNorm(5)` by default; rxjs's `identity` for none. */
  readonly clip?: MonoTypeOperatorFunction<Differentiated> | undefined;
  /** The generator that layers with dropout draw from while learning; without it nothing is dropped. */
  readonly dropoutRandom?: Random | undefined;
  /** How many of the most likely tokens to return with each; 0 by default. */
  readonly topK?: number | undefined;
  /** Whether the stream restarts after this token; what came until then is learned at once. Never by default. */
  readonly reset?: ((token: Token) => boolean) | undefined;
}

/** The surprisal of a token to the model before it learned from that token. */
export interface Progressive extends Surprisal {
  /** Tokens scored so far, this one included. */
  readonly tokens: number;
  /** Their mean surprisal: the progressive (prequential) loss. */
  readonly meanBits: number;
  /** The update that followed this token, if it was the last of a window. */
  readonly learned?: TrainingStep;
}

/**
 * Scores each token, then learns from it: the loss on a stream that is read once, by a model that changes as it reads.
 *
 * ```
 * tokens                                 -a-b-c-d-e-|
 * predictThenLearn(model, { steps: 2 })  -p-p-p-p-p-|     learned after b, d and, at the end, e
 * ```
 *
 * Each token is scored as it arrives, by the current weights, in a private tape; every `steps` tokens their window
 * passes through `unroll`, the loss, `backpropagate`, the clip and `optimize`, which change the model's weights exactly
 * as `train` would for the same windows, to the bit. The state is carried on. A shorter rest is learned at the end, also
 * where the source fails.
 *
 * Progressive validation: Dawid's prequential principle, 1984; Blum, Kalai and Langford, 1999. On a trained model it is
 * dynamic evaluation: Mikolov et al., 2010; Krause, Kahembwe, Murray and Renals, 2018.
 *
 * ```ts
 * import { last, repeat } from 'rxjs';
 * import { adam, linear, predictThenLearn, pull, rnn, sequential } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 4, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 4 }),
 * });
 * pull([1, 0, 2, 2, 3])
 *   .pipe(repeat(100), predictThenLearn(model, { optimizer: adam({ learningRate: 0.01 }), steps: 5 }), last())
 *   .subscribe(({ tokens, bits, meanBits }) => console.log(tokens, bits < 0.5, meanBits < 2)); // -> 500 true true
 * ```
 *
 * With a `head` it reads rows of numbers: what was expected of each row, its error and, where the head is a Gaussian or
 * quantiles, its surprisal in bits. The first row is read and not scored. The model predicts the next row alone. A
 * RangeError for numbers so large that no gradient of them is finite, 1e17 with float32 and 1e150 with float64, scaled;
 * `onInvalid` receives rows that do not fit, and the others go on. A density is not a probability: the bits of a Gaussian
 * head are below 0 where numbers are predicted closely; those of quantiles are −log2 of the share of the interval that
 * the number fell into.
 *
 * ```
 * rows                                                  -a-b-c-d-|
 * predictThenLearn(model, { head: 'value', steps: 2 })  ---p-p-p-|     learned after c and, at the end, d
 * ```
 *
 * ```ts
 * import { last } from 'rxjs';
 * import { adam, gru, linear, predictThenLearn, pull, sequential } from 'rxrnn';
 *
 * const model = sequential({
 *   gru: gru({ inputSize: 1, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 2 }), // a mean, and the logarithm of a variance
 * });
 * const wave = Array.from({ length: 2000 }, (_, i) => [Math.sin(i / 4)]);
 * pull(wave)
 *   .pipe(predictThenLearn(model, { optimizer: adam({ learningRate: 0.01 }), head: 'gaussian' }), last())
 *   .subscribe(({ rows, error, bits }) => console.log(rows, Math.abs(error[0]!) < 0.3, bits! < 1)); // -> 1999 true true
 * ```
 */
export function predictThenLearn(
  model: Model,
  given: PredictThenLearnRowsOptions,
): OperatorFunction<SeriesRow, ProgressiveRow>;
export function predictThenLearn(
  model: Model,
  given: PredictThenLearnOptions & { readonly head?: undefined },
): OperatorFunction<Token, Progressive>;
export function predictThenLearn(
  model: Model,
  given: PredictThenLearnOptions | PredictThenLearnRowsOptions,
): OperatorFunction<Token, Progressive> | OperatorFunction<SeriesRow, ProgressiveRow> {
  if ((given as Partial<PredictThenLearnRowsOptions> | null)?.head !== undefined) {
    return predictThenLearnRows(model, given as PredictThenLearnRowsOptions);
  }
  return learnTokens(model, given);
}

function learnTokens(model: Model, given: PredictThenLearnOptions): OperatorFunction<Token, Progressive> {
  checkModel('predictThenLearn', 'model', model);
  given = options('predictThenLearn', given, {
    ...READ_FROM_CHECKS,
    optimizer: checkOptimizer,
    steps: optional(positiveInteger),
    loss: optional(callable),
    clip: optional(callable),
    dropoutRandom: optional(checkGenerator),
    topK: optional(wholeNumber()),
    reset: optional(callable),
  });
  const { optimizer, steps = 25, loss = crossEntropy(), clip = clipGradNorm(5), topK = 0, reset } = given;
  const { initialState, dropoutRandom } = given;
  checkStreaming('predictThenLearn', model);
  const unrolled = unroll(model, { ...(initialState && { initialState }), dropoutRandom });
  const learn = pipe(loss, backpropagate(model), clip, optimize(model, optimizer));

  return operator((subscriber) => {
    // what scoring computes is what learning begins with, unless numbers are dropped there
    const reading = scorer('predictThenLearn', model, given, topK, dropoutRandom ? 1 : steps);
    const { score, reset: forget, kept, release } = reading;
    const forward = kept ? keptWindows(model, steps, kept) : unrolled;
    const windows = learnableWindows(steps, given.previous);
    const learnFrom = learner(pipe(forward, learn), subscriber);
    let tokens = 0;
    let bits = 0;

    function learnRest(): void {
      const window = windows.rest();
      if (window) learnFrom(window);
    }
    return {
      next(token) {
        if (Array.isArray(token) || ArrayBuffer.isView(token)) throw rowsNeedHead(token);
        const surprisal = score(token);
        const ends = reset?.(token) === true;
        const window = windows.add(token, ends);
        const learned = window && learnFrom(window); // before `next`, which may bring the next token
        if (ends) forget();
        if (surprisal === undefined || subscriber.closed) return;
        tokens += 1;
        bits += surprisal.bits;
        const progressive = { ...surprisal, tokens, meanBits: bits / tokens };
        subscriber.next(learned ? { ...progressive, learned } : progressive);
      },
      error(error) {
        learnRest();
        subscriber.error(error);
      },
      complete() {
        learnRest();
        subscriber.complete();
      },
      close: release,
    };
  });
}

function rowsNeedHead(row: unknown): TypeError {
  return new TypeError(
    `predictThenLearn: the token must be an integer, got ${show(row)}; rows of numbers need the option head, such as 'value'`,
  );
}

/** Gathers tokens into windows of one lane, each complete as soon as its last target is there. */
interface LearnableWindows {
  /** Adds a token and returns the window that it completes, if any. With `ends` the stream restarts after it. */
  add(token: Token, ends: boolean): Window | undefined;
  /** The window of the tokens left, if any. */
  rest(): Window | undefined;
}

/**
 * `previous` is the input before the first token (`null` where there is none); after a restart it is −1 or, again,
 * none.
 */
function learnableWindows(steps: number, previous: Token | null = -1): LearnableWindows {
  const tokens = new Int32Array(steps + 1);
  let count = 0;
  let restarted = false;
  if (previous !== null) tokens[count++] = previous;

  function cut(): Window | undefined {
    const length = count - 1;
    if (length < 1) return undefined;
    const own = tokens.slice(0, length + 1);
    const window = { steps: length, lanes: 1, inputs: own.subarray(0, length), targets: own.subarray(1) };
    tokens[0] = tokens[length]!;
    count = 1;
    if (!restarted) return window;
    restarted = false;
    return { ...window, resets: Uint8Array.of(1) };
  }

  return {
    add(token, ends) {
      tokens[count++] = token;
      const window = count === tokens.length || ends ? cut() : undefined;
      if (ends) {
        restarted = true;
        count = 0;
        if (previous !== null) tokens[count++] = -1;
      }
      return window;
    },
    rest: cut,
  };
}
