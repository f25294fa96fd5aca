import { type MonoTypeOperatorFunction, type OperatorFunction, pipe, Subject } from 'rxjs';
import { operator } from '../flow/operator.js';
import { checkSize } from '../layer/checkSize.js';
import { backpropagate } from '../learn/backpropagate.js';
import { clipGradNorm } from '../learn/clipGradNorm.js';
import { crossEntropy } from '../learn/crossEntropy.js';
import { optimize } from '../learn/optimize.js';
import type { Optimizer } from '../learn/optimizer.js';
import type { Differentiated, Scored, Unrolled } from '../learn/stages.js';
import { unroll } from '../learn/unroll.js';
import type { Model } from '../model/model.js';
import type { Random } from '../random/random.js';
import type { Token, TrainingStep, Window } from '../types.js';
import { checkStreaming } from './checkStreaming.js';
import { learnableWindows } from './learnableWindows.js';
import type { Surprisal } from './scored.js';
import { checkTopK, type ReadFrom, scorer } from './scorer.js';

/** How a stream is learned while it is read. */
export interface PredictThenLearnOptions extends ReadFrom {
  /** What moves the parameters; one of its own for each model. */
  readonly optimizer: Optimizer;
  /** Tokens to learn at a time: how far back the gradient reaches; 25 by default, 1 learns after every token. */
  readonly steps?: number;
  /** `crossEntropy()` by default. */
  readonly loss?: OperatorFunction<Unrolled, Scored>;
  /** `clipGradNorm(5)` by default; rxjs's `identity` for none. */
  readonly clip?: MonoTypeOperatorFunction<Differentiated>;
  /** What layers with dropout draw from while learning; without it nothing is dropped. */
  readonly dropout?: Random;
  /** How many of the likeliest tokens to give with each; 0 by default. */
  readonly topK?: number;
  /** Says that the stream starts afresh after this token; what came until then is learned at once. Never by default. */
  readonly reset?: (token: Token) => boolean;
}

/** A token's surprisal to the model as it was before it learned from it. */
export interface Progressive extends Surprisal {
  /** Tokens scored so far, this one included. */
  readonly tokens: number;
  /** Their mean surprisal: the progressive (prequential) loss. */
  readonly meanBits: number;
  /** The update that this token brought about, with the last token of each window. */
  readonly learned?: TrainingStep;
}

/**
 * Scores each token and then learns it: the loss on a stream that is read once, by a model that changes as it reads.
 *
 * ```
 * tokens                                 -a-b-c-d-e-|
 * predictThenLearn(model, { steps: 2 })  -p-p-p-p-p-|     learned after b, d and, at the end, e
 * ```
 *
 * Each token is scored as it arrives, by the weights of then, in a private tape; every `steps` tokens the window of
 * them goes through `unroll`, the loss, `backpropagate`, the clip and `optimize`: the model's weights change, those
 * that `train` would give for the same windows, to the bit. The state is carried on. A shorter rest is learned at the
 * end.
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
 */
export function predictThenLearn(model: Model, options: PredictThenLearnOptions): OperatorFunction<Token, Progressive> {
  const { optimizer, steps = 25, loss = crossEntropy(), clip = clipGradNorm(5), topK = 0, reset } = options;
  const { initialState, dropout } = options;
  checkSize('predictThenLearn', 'steps', steps);
  checkTopK('predictThenLearn', topK);
  checkStreaming('predictThenLearn', model);
  const learn = pipe(
    unroll(model, { ...(initialState && { initialState }), ...(dropout && { dropout }) }),
    loss,
    backpropagate(model),
    clip,
    optimize(model, optimizer),
  );

  return operator((subscriber) => {
    const { score, reset: forget, release } = scorer('predictThenLearn', model, options, topK);
    const windows = learnableWindows(steps, options.previous);
    const window$ = new Subject<Window>();
    let learned: TrainingStep | undefined;
    let tokens = 0;
    let bits = 0;
    subscriber.add(
      learn(window$).subscribe({
        next(step) {
          learned = step;
        },
        error(error: unknown) {
          subscriber.error(error);
        },
      }),
    );

    return {
      next(token) {
        const surprisal = score(token);
        learned = undefined;
        const ends = reset?.(token) === true;
        const window = windows.add(token, ends);
        if (window) window$.next(window); // before `next`, which may bring the next token
        if (ends) forget();
        if (surprisal === undefined || subscriber.closed) return;
        tokens += 1;
        bits += surprisal.bits;
        const progressive = { ...surprisal, tokens, meanBits: bits / tokens };
        subscriber.next(learned ? { ...progressive, learned } : progressive);
      },
      complete() {
        const window = windows.rest();
        if (window) window$.next(window);
        subscriber.complete();
      },
      close: release,
    };
  });
}
