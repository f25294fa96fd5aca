import type { OperatorFunction } from 'rxjs';
import { anything } from '../check/anything.js';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { orInfinity } from '../check/orInfinity.js';
import { positive } from '../check/positive.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { crossEntropy } from '../learn/crossEntropy.js';
import { checkGenerator } from '../learn/checkGenerator.js';
import { checkOptimizer } from '../learn/checkOptimizer.js';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import type { SeriesRow } from '../series/checkRow.js';
import type { Scaling } from '../series/scalingOf.js';
import type { Token, TrainingStep } from '../types.js';
import { checkStreaming } from './checkStreaming.js';
import { checkRowHead } from './checkRowHead.js';
import { type Expected, type RowHead, rowHead } from './rowHead.js';
import { invalidItem } from './invalidItem.js';
import { type ByKeyOptions, learnByKey } from './learnByKey.js';
import { streamOfRows } from './streamOfRows.js';
import { streamOfTokens } from './streamOfTokens.js';
import type { InvalidToken, KeyedToken } from './surprisalByKey.js';
import { checkScaling } from '../series/checkScaling.js';
import type { Surprisal } from './surprisalOf.js';

/** A row of numbers of one of many streams, such as those of a host or a sensor. */
export interface KeyedRow<K> {
  readonly key: K;
  readonly row: SeriesRow;
}

/** An item whose row is not one of the model's, with the members that it has: what is not an object has none. */
export interface InvalidRowOfKey<K> extends KeyedRow<K> {
  /** The text of the error that it would have been. */
  readonly reason: string;
}

/** How a model learns many streams of tokens. */
export interface PredictThenLearnByKeyOptions<K> extends ByKeyOptions<K, Token> {
  /** How many of the most likely tokens to return with each; 0 by default. */
  readonly topK?: number;
  /**
   * Receives each item whose token is outside the vocabulary, or of a key whose session cannot be restored; without it,
   * that is the error of the result.
   */
  readonly onInvalid?: (item: InvalidToken<K>) => void;
}

/** How a model learns many streams of rows of numbers. */
export interface PredictThenLearnRowsByKeyOptions<K> extends ByKeyOptions<K, readonly number[]> {
  /** What the model's outputs are: it says which loss trains them, and whether a surprisal is known. */
  readonly head: RowHead;
  /** Brings the columns to a common size, the same for every key; by default none. */
  readonly scaling?: Scaling | undefined;
  /**
   * Receives each item whose row does not fit the model, or of a key whose session cannot be restored; without it, that
   * is the error of the result.
   */
  readonly onInvalid?: (item: InvalidRowOfKey<K>) => void;
}

/** The surprisal of a token in the stream of its key, before the model learned from it. */
export interface KeyedProgressive<K> extends Surprisal {
  readonly key: K;
  /** Tokens of the key so far, this one included. */
  readonly tokens: number;
  /** The update that followed this token, if it was the last of a window. */
  readonly learned?: TrainingStep;
}

/** What was expected of a row in the stream of its key, before the model learned from it. */
export interface KeyedProgressiveRow<K> extends Expected {
  readonly key: K;
  readonly row: readonly number[];
  /** The row less what was expected. */
  readonly error: readonly number[];
  /** As `predictThenLearn` gives them. */
  readonly bits?: number;
  /** Rows of the key predicted so far, this one included: its first is read only. As `predictThenLearn` counts them. */
  readonly rows: number;
  /** The update that followed this row, if it was the last of a window. */
  readonly learned?: TrainingStep;
}

/**
 * Scores and learns many streams with one model: `predictThenLearn` with a hidden state of its own for each key. What is
 * learned from one key is known for all.
 *
 * ```
 * tokens                                      -a1-b1-a2-b2-|
 * predictThenLearnByKey(model, { steps: 2 })  -p--p--p--p--|     learned after a2 and after b2: two windows of one key each
 * ```
 *
 * Each item is scored as it arrives, by the current weights, from the state of its key; every `steps` targets of a key are
 * a window, which is learned from the key's own state, as `predictThenLearn` would. With one key the numbers are those of
 * `predictThenLearn`, to the bit; without learning (a rate of 0), those of each key alone. Memory is that of `maxSessions`
 * states, twice, and of a window each. A session that is evicted learns its rest first, as all do when the source ends;
 * that update is not reported, for no item of its key follows.
 *
 * With a `head` the items are `{ key, row }`, rows of numbers; the first row of a key is read and not scored. Errors are
 * those of `predictThenLearn`; with `onInvalid`, a bad token or row does not fail the result, and its key goes on as if it
 * had not come.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { adam, linear, predictThenLearnByKey, rnn, sequential } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 4, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 4 }),
 * });
 * from([
 *   { key: 'ann', token: 1 },
 *   { key: 'bob', token: 1 },
 *   { key: 'ann', token: 2 },
 * ])
 *   .pipe(predictThenLearnByKey(model, { optimizer: adam(), steps: 2 }))
 *   .subscribe(({ key, token, tokens, learned }) => console.log(key, token, tokens, learned?.tokens));
 * // -> ann 1 1 undefined
 * // -> bob 1 1 undefined
 * // -> ann 2 2 2
 * ```
 */
export function predictThenLearnByKey<K>(
  model: Model,
  given: PredictThenLearnRowsByKeyOptions<K>,
): OperatorFunction<KeyedRow<K>, KeyedProgressiveRow<K>>;
export function predictThenLearnByKey<K>(
  model: Model,
  given: PredictThenLearnByKeyOptions<K> & { readonly head?: undefined },
): OperatorFunction<KeyedToken<K>, KeyedProgressive<K>>;
export function predictThenLearnByKey<K>(
  model: Model,
  given: PredictThenLearnByKeyOptions<K> | PredictThenLearnRowsByKeyOptions<K>,
): OperatorFunction<KeyedToken<K>, KeyedProgressive<K>> | OperatorFunction<KeyedRow<K>, KeyedProgressiveRow<K>> {
  const ofRows = (given as Partial<PredictThenLearnRowsByKeyOptions<K>> | null)?.head !== undefined;
  return ofRows
    ? learnRows(model, given as PredictThenLearnRowsByKeyOptions<K>)
    : learnTokens(model, given as PredictThenLearnByKeyOptions<K>);
}

const WHO = 'predictThenLearnByKey';
const SHARED = {
  optimizer: checkOptimizer,
  steps: optional(positiveInteger),
  loss: optional(callable),
  clip: optional(callable),
  dropoutRandom: optional(checkGenerator),
  maxSessions: optional(positiveInteger),
  idle: optional(orInfinity(positive)),
  scheduler: anything,
  evicted: optional(callable),
  restore: optional(callable),
  onInvalid: optional(callable),
};

function learnTokens<K>(
  model: Model,
  given: PredictThenLearnByKeyOptions<K>,
): OperatorFunction<KeyedToken<K>, KeyedProgressive<K>> {
  checkModel(WHO, 'model', model);
  given = options(WHO, given, { ...SHARED, topK: optional(wholeNumber()) });
  const { topK = 0, onInvalid } = given;
  checkStreaming(WHO, model);
  return learnByKey(
    WHO,
    model,
    { ...given, loss: given.loss ?? crossEntropy() },
    {
      open: () => streamOfTokens(WHO, model, topK),
      start: -1,
      itemOf: ({ token }) => token,
      part: 'token',
      kept: (token) => token,
      refused: onInvalid && ((item, reason) => onInvalid(invalidItem(item, reason))),
      result: (key, _token, surprisal, tokens, learned) => ({ key, ...surprisal, tokens, ...(learned && { learned }) }),
    },
  );
}

function learnRows<K>(
  model: Model,
  given: PredictThenLearnRowsByKeyOptions<K>,
): OperatorFunction<KeyedRow<K>, KeyedProgressiveRow<K>> {
  checkModel(WHO, 'model', model);
  given = options(WHO, given, { ...SHARED, head: checkRowHead, scaling: optional(checkScaling) });
  const { head, scaling, onInvalid } = given;
  checkStreaming(WHO, model);
  return learnByKey(
    WHO,
    model,
    { ...given, loss: given.loss ?? rowHead(head).loss() },
    {
      open: () => streamOfRows(WHO, model, { head, scaling }),
      start: undefined,
      itemOf: ({ row }) => row,
      part: 'row',
      kept: (row) => Array.from(row),
      refused: onInvalid && ((item, reason) => onInvalid(invalidItem(item, reason))),
      result(key, row, { squared: _squared, ...expected }, read, learned) {
        const rows = read - 1;
        const error = Array.from(row, (x, d) => x - expected.predicted[d]!);
        return { key, row: Array.from(row), ...expected, error, rows, ...(learned && { learned }) };
      },
    },
  );
}
