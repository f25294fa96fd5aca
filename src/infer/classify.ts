import type { OperatorFunction } from 'rxjs';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { token as checkToken } from '../check/token.js';
import { operator } from '../flow/operator.js';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import { checkSequence, padSequences, type Sequence } from '../token/padSequences.js';
import type { Token } from '../types.js';
import { sequenceBatches } from './sequenceBatches.js';
import { checkWholeSequences, sequenceTape } from './sequenceTape.js';
import { softmaxInto } from './softmax.js';
import type { InvalidSequence } from './surprisalBySequence.js';

/** The label of a sequence; plain JSON, but for the item. */
export interface Classified<T = Sequence> {
  /** What was classified, as it came. */
  readonly item: T;
  /** The class with the highest output, the lower of equal ones. */
  readonly label: Token;
  /** Its probability, in [0, 1]. */
  readonly probability: number;
  /** Those of all classes: the softmax of `output`. */
  readonly probabilities: readonly number[];
  /** What the model gives at the last step: logits, or the numbers of a label that is numbers. */
  readonly output: readonly number[];
}

/** How sequences are read. */
export interface ClassifyOptions<T = Sequence> {
  /** Sequences that share a pass; 1 by default, which answers each at once. */
  readonly lanes?: number;
  /** The sequence of an item, such as the tokens of a line; the item itself by default. */
  readonly sequence?: (item: T) => Sequence;
  /**
   * Receives each item that is not a sequence of the model's tokens or rows, or of which `sequence` makes none, or for which
   * the outputs are not finite; the others go on as if it had not come. Without this function it is the error of the
   * result, after the labels of those before it.
   */
  readonly onInvalid?: ((invalid: InvalidSequence<T>) => void) | undefined;
}

/**
 * Reads a label off a model for each sequence: what it gives at the last step, as it was trained by `labelled`.
 *
 * ```
 * sequences                        -a-b-c-|
 * classify(model)                  -x-y-z-|            x: { item: a, label, probability, probabilities, output }
 * classify(model, { lanes: 2 })    ---(xy)-(z|)
 * ```
 *
 * A sequence is a list of tokens, or of rows of numbers; each starts from a state of zeros, and its numbers do not depend
 * on those beside it. Work is that of the longest of `lanes` sequences for each, so let sequences of like length come
 * together. A long sequence is read in slices of 8 ms, with a turn of the event loop between them, in which up to 1,024
 * others may wait, but where a layer reads backward or is of your own; if the model learns in such a turn, the sequence
 * is read again from its beginning. A TypeError or RangeError that names a sequence that is not one, and where outputs
 * are not finite.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { adam, classify, epochs, labelled, linear, lstm, sequential, summary, train } from 'rxrnn';
 *
 * const model = sequential({
 *   lstm: lstm({ inputSize: 3, hiddenSize: 8 }),
 *   summary: summary({ size: 8, pool: 'max' }),
 *   linear: linear({ inputSize: 8, outputSize: 2 }),
 * });
 * // whether there is a 2 in it
 * const examples = [[0, 1], [1, 2, 0], [0], [2], [1, 1, 0], [0, 0, 2]];
 * const data$ = from(examples.map((sequence) => ({ sequence, label: sequence.includes(2) ? 1 : 0 })));
 * const learn = train(model, { optimizer: adam({ learningRate: 0.05 }) });
 * data$.pipe(labelled({ lanes: 3 }), epochs(learn, { count: 40 })).subscribe();
 * from([[1, 0, 1, 0], [0, 2, 1]])
 *   .pipe(classify(model))
 *   .subscribe(({ item, label, probability }) => console.log(item, label, probability > 0.9));
 * // -> [ 1, 0, 1, 0 ] 0 true
 * // -> [ 0, 2, 1 ] 1 true
 * ```
 */
export function classify<T = Sequence>(
  model: Model,
  given: ClassifyOptions<T> = {},
): OperatorFunction<T, Classified<T>> {
  checkModel('classify', 'model', model);
  const options = checkOptions('classify', given, {
    lanes: optional(positiveInteger),
    sequence: optional(callable),
    onInvalid: optional(callable),
  });
  const { lanes = 1, sequence: sequenceOf = (item: T) => item as Sequence, onInvalid } = options;
  checkWholeSequences('classify', model);
  return operator((subscriber) => {
    const { read, release } = sequenceTape(model);
    let width: number | undefined;
    const batches = sequenceBatches<T, Sequence, Classified<T>>({
      lanes,
      weightsVersion: model.kernel.weightsVersion,
      onInvalid,
      subscriber,
      read(item, index) {
        const sequence = sequenceOf(item);
        const found = checkSequence('classify', sequence, index, width);
        if (found === 0) checkTokens(`classify: sequence ${index}`, sequence as ArrayLike<Token>, model.inputSize);
        else checkWidth(index, found, model.inputSize);
        width = found;
        return copyOf(sequence);
      },
      begin(batch) {
        const sequences = batch.map(({ sequence }) => sequence);
        const readPart = read(padSequences(sequences, width!));
        const outputs: number[][] = []; // at the last step of each
        return {
          advance() {
            const { from, to, isLast, output } = readPart()!;
            for (const [lane, { length }] of sequences.entries()) {
              if (length <= from || length > to) continue;
              const row = (length - 1 - from) * batch.length + lane;
              outputs[lane] = [...output.subarray(row * model.outputSize, (row + 1) * model.outputSize)];
            }
            return isLast;
          },
          answers: () => batch.map(({ item, index }, lane) => classified(item, index, outputs[lane]!)),
        };
      },
    });
    return {
      ...batches,
      close() {
        batches.close();
        release();
      },
    };
  });
}

/** A sequence that does not change where the caller uses its memory again. */
function copyOf(sequence: Sequence): Sequence {
  if (typeof sequence[0] === 'number') return Int32Array.from(sequence as ArrayLike<Token>);
  return Array.from(sequence as ArrayLike<ArrayLike<number>>, (row) => Float64Array.from(row));
}

function checkWidth(index: number, width: number, size: number): void {
  if (width === size) return;
  throw new RangeError(`classify: sequence ${index} has rows of ${width} numbers, the model reads ${size}`);
}

function checkTokens(who: string, tokens: ArrayLike<Token>, size: number): void {
  for (let t = 0; t < tokens.length; t++) checkToken(who, tokens[t]!, size, t);
}

function classified<T>(item: T, index: number, output: readonly number[]): Classified<T> {
  const probabilities = new Float64Array(output.length);
  softmaxInto(`classify: sequence ${index}`, probabilities, Float64Array.from(output), 1);
  let label = 0;
  for (let i = 1; i < output.length; i++) if (output[i]! > output[label]!) label = i;
  return { item, label, probability: probabilities[label]!, probabilities: [...probabilities], output };
}
