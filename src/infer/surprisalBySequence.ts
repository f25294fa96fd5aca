import type { OperatorFunction } from 'rxjs';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { show } from '../check/show.js';
import { token as checkToken } from '../check/token.js';
import { wholeNumber } from '../check/wholeNumber.js';
import { operator } from '../flow/operator.js';
import { zeros } from '../kernel/zeros.js';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import { padSequences } from '../token/padSequences.js';
import type { Token } from '../types.js';
import { checkStreaming } from './checkStreaming.js';
import { PLAIN } from './reader.js';
import { type Reading, sequenceBatches, type Waiting } from './sequenceBatches.js';
import { type Part, sequenceTape } from './sequenceTape.js';
import { type Surprisal, surprisalOf } from './surprisalOf.js';

/** How surprising the tokens of a sequence were, each after those before it. */
export interface SequenceSurprisal<T = ArrayLike<Token>> {
  /** What was scored, as it came. */
  readonly item: T;
  /** One for each token and, with `end`, one for the end. */
  readonly surprisals: readonly Surprisal[];
  /** The sum of their bits. */
  readonly bits: number;
}

/** A sequence that cannot be read. */
export interface InvalidSequence<T = ArrayLike<Token>> {
  readonly item: T;
  /** The text of the error that it would have been. */
  readonly reason: string;
}

/** How sequences are read, and what is emitted. */
export interface SurprisalBySequenceOptions<T = ArrayLike<Token>> {
  /** The token that ends each sequence, which is scored too; without it the end is not scored. */
  readonly end?: Token;
  /** Sequences that share a pass; 1 by default, which answers each at once. */
  readonly lanes?: number;
  /** How many of the most likely tokens to return with each; 0 by default. */
  readonly topK?: number;
  /** The tokens of an item, such as those of a session; the item itself by default. */
  readonly sequence?: (item: T) => ArrayLike<Token>;
  /**
   * Receives each item that is not a sequence of tokens, or of which `sequence` makes none, or whose surprisal is not
   * finite; the others go on as if it had not come. Without this function it is the error of the result, after what came
   * before it was scored.
   */
  readonly onInvalid?: ((invalid: InvalidSequence<T>) => void) | undefined;
}

/**
 * Scores whole sequences, several in a pass: bits, rank and the likeliest tokens of each token, from "no input" and a
 * state of zeros, as a model that was trained by `sequences` has read them.
 *
 * ```
 * sequences                                      -a-b-c-|
 * surprisalBySequence(model, { end: 0 })         -x-y-z-|     x: { item: a, surprisals, bits }
 * surprisalBySequence(model, { …, lanes: 2 })    ---(xy)-(z|)
 * ```
 *
 * The bits of a sequence are those of `surprisal` with a `reset` after the end, whatever is beside it. Memory is that of
 * `lanes` times the longest sequence. A long one is read in slices of 8 ms, with a turn of the event loop between them, in
 * which up to 1,024 others may wait; if the model learns in such a turn, the sequence is read again from its beginning. Errors
 * are those of `surprisal`.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { linear, rnn, sequential, surprisalBySequence } from 'rxrnn';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 4, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 4 }),
 * });
 * from([[1, 3], [2]])
 *   .pipe(surprisalBySequence(model, { end: 0, lanes: 2 }))
 *   .subscribe(({ item, surprisals }) => console.log(item, surprisals.map(({ rank }) => rank)));
 * // -> [ 1, 3 ] [ 2, 1, 4 ]
 * // -> [ 2 ] [ 3, 4 ]
 * ```
 */
export function surprisalBySequence<T = ArrayLike<Token>>(
  model: Model,
  given: SurprisalBySequenceOptions<T> = {},
): OperatorFunction<T, SequenceSurprisal<T>> {
  checkModel('surprisalBySequence', 'model', model);
  checkStreaming('surprisalBySequence', model);
  const options = checkOptions('surprisalBySequence', given, {
    end: optional(wholeNumber(0, model.outputSize - 1)),
    lanes: optional(positiveInteger),
    topK: optional(wholeNumber()),
    sequence: optional(callable),
    onInvalid: optional(callable),
  });
  const { end, lanes = 1, topK = 0, sequence: sequenceOf = (item: T) => item as ArrayLike<Token>, onInvalid } = options;
  return operator((subscriber) => {
    const { dtype, kernel, outputSize: width } = model;
    const { read, firstNotFinite, release } = sequenceTape(model);
    const batches = sequenceBatches<T, Token[], SequenceSurprisal<T>>({
      lanes,
      weightsVersion: model.kernel.weightsVersion,
      onInvalid,
      subscriber,
      read(item, index) {
        const tokens = tokensOf(`surprisalBySequence: sequence ${index}`, sequenceOf(item), width);
        return end === undefined ? tokens : [...tokens, end];
      },
      begin,
    });

    function begin(batch: readonly Waiting<T, Token[]>[]): Reading<SequenceSurprisal<T>> {
      const each = batch.map(({ sequence }) => sequence);
      const found = batch.map(({ item }) => ({ item, surprisals: [] as Surprisal[], bits: 0 }));
      const scored = [...each.keys()].filter((lane) => each[lane]!.length > 0); // an empty one has nothing to score
      if (scored.length === 0) return { advance: () => true, answers: () => found };
      const window = padSequences(
        scored.map((lane) => [-1, ...each[lane]!.slice(0, -1)]),
        0,
      );
      const { lanes } = window;
      const readPart = read(window);
      return { advance: () => advance(readPart()!), answers: () => found };

      function advance({ from, to, isLast, output, mask, gradient }: Part): boolean {
        const rows = (to - from) * lanes;
        const losses = zeros(dtype, rows);
        const flat = new Int32Array(rows);
        for (const [lane, place] of scored.entries()) {
          const tokens = each[place]!;
          for (let t = from; t < to && t < tokens.length; t++) flat[(t - from) * lanes + lane] = tokens[t]!;
        }
        const nats = kernel.crossEntropy(losses, gradient(), output, flat, mask, PLAIN, rows, width);
        if (!Number.isFinite(nats)) throw notFinite(batch[0]!.index, firstNotFinite());
        const shares = gradient();
        for (const [lane, place] of scored.entries()) {
          const tokens = each[place]!;
          const into = found[place]!;
          for (let t = from; t < to && t < tokens.length; t++) {
            const row = (t - from) * lanes + lane;
            const surprisal = surprisalOf(tokens[t]!, losses[row]!, output, shares, row * width, width, topK);
            into.surprisals.push(surprisal);
            into.bits += surprisal.bits;
          }
        }
        return isLast;
      }
    }

    return {
      ...batches,
      close() {
        batches.close();
        release();
      },
    };
  });
}

/** The tokens of a sequence, which are checked before they are copied: what is not a sequence may have any length. */
function tokensOf(who: string, sequence: ArrayLike<Token>, size: number): Token[] {
  const length: unknown = (sequence as ArrayLike<Token> | null | undefined)?.length;
  if (typeof sequence !== 'object' || !Number.isSafeInteger(length) || (length as number) < 0) {
    throw new TypeError(`${who} must be a list of tokens, got ${show(sequence)}`);
  }
  for (let t = 0; t < sequence.length; t++) checkToken(who, sequence[t]!, size, t);
  return Array.from(sequence);
}

function notFinite(index: number, layer: string | undefined): RangeError {
  const where = layer === undefined ? 'it has probability 0' : `the output of layer ${layer} is not finite`;
  return new RangeError(`surprisalBySequence: sequence ${index}: the surprisal of a token is not finite: ${where}`);
}
