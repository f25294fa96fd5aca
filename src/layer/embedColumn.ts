import { options as checkOptions } from '../check/options.js';
import { optional } from '../check/optional.js';
import { anything } from '../check/anything.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { wholeNumber } from '../check/wholeNumber.js';
import type { Numbers } from '../types.js';
import { embeddingTable } from './embeddingTable.js';
import { features } from './features.js';
import type { Layer } from './layer.js';

/** Which column of the features is a token, and what it becomes. */
export interface EmbedColumnOptions {
  /** Numbers per step, the token included. */
  readonly inputSize: number;
  /** The column that is a token, from 0; 0 by default. */
  readonly column?: number;
  /** Tokens: rows of the table. */
  readonly tokens: number;
  /** Numbers that a token becomes: columns of the table. */
  readonly embeddingSize: number;
  /** The token that stands for padding: its row starts as zeros and gets no gradient; none by default. */
  readonly paddingIndex?: number;
}

/**
 * Replaces one column of the features, which is a token, by its row of a learned table, and passes the other columns on:
 * for tokens beside numbers, such as an activity and the time since the one before.
 *
 * ```
 *   y = x[0 … column − 1], table[x[column]], x[column + 1 …]
 * ```
 *
 * Features come as rows of numbers, a token as its number; −1 becomes zeros. It gives `inputSize − 1 + embeddingSize`
 * numbers per step. One layer for each column that is a token, one after another, the last column first, so that the
 * places of the others stay. Parameter: `weight` (tokens, embedding), standard normal at first, as of `embedding`.
 *
 * A RangeError for sizes that are not positive integers, a `column` or `paddingIndex` outside, and, when it runs, for a
 * number that is not a token: as the first layer, before anything of the window is written.
 *
 * ```ts
 * import { embedColumn, lstm, sequential } from 'rxrnn';
 *
 * const model = sequential({
 *   activity: embedColumn({ inputSize: 3, tokens: 9, embeddingSize: 4 }),
 *   lstm: lstm({ inputSize: 6, hiddenSize: 8 }),
 * });
 * const { output } = model.step(Float32Array.of(7, 0.5, -1), model.zeroState()); // activity 7, and two numbers
 * console.log(output.shape); // -> [ 1, 8 ]
 * ```
 */
export function embedColumn(options: EmbedColumnOptions): Layer {
  options = checkOptions('embedColumn', options, {
    inputSize: positiveInteger,
    column: anything,
    tokens: positiveInteger,
    embeddingSize: positiveInteger,
    paddingIndex: anything,
  });
  const { inputSize, column = 0, tokens: size, embeddingSize, paddingIndex } = options;
  wholeNumber(0, inputSize - 1)('embedColumn', 'column', column);
  optional(wholeNumber(0, size - 1))('embedColumn', 'paddingIndex', paddingIndex);
  const table = embeddingTable(size, embeddingSize, paddingIndex);
  const outputSize = inputSize - 1 + embeddingSize;
  const rest = inputSize - 1 - column; // columns after the token
  const after = column + embeddingSize; // where they are in the output

  function tokenAt(x: Numbers, row: number): number {
    const token = x[row * inputSize + column]!;
    if (Number.isInteger(token) && token >= -1 && token < size) return token;
    throw new RangeError(
      `embedColumn: column ${column} must be a token, an integer from -1 to ${size - 1}, got ${token} in row ${row} of the window`,
    );
  }

  return {
    kind: 'embedColumn',
    inputSize,
    outputSize,
    takes: 'features',
    parameters: [table.parameter],
    state: {},
    options: {
      inputSize,
      column,
      tokens: size,
      embeddingSize,
      ...(paddingIndex !== undefined && { paddingIndex }),
    },
    check(x, rows, mask) {
      for (let row = 0; row < rows; row++) if (mask?.[row] !== 0) tokenAt(x, row);
    },
    tape({ kernel, weights: { weight: w }, steps, lanes, allocate }) {
      const capacity = steps * lanes;
      const output = allocate(capacity * outputSize);
      const embedded = allocate(capacity * embeddingSize);
      const tokens = new Int32Array(capacity);

      return {
        output,
        state: {},
        forward(input, steps) {
          const x = features('embedColumn', input);
          const rows = steps * lanes;
          for (let row = 0; row < rows; row++) tokens[row] = tokenAt(x, row);
          kernel.gather(embedded, tokens, w!, rows, embeddingSize);
          if (column > 0) kernel.setColumns(output, outputSize, 0, x, inputSize, 0, rows, column);
          kernel.setColumns(output, outputSize, column, embedded, embeddingSize, 0, rows, embeddingSize);
          if (rest > 0) kernel.setColumns(output, outputSize, after, x, inputSize, column + 1, rows, rest);
        },
        differentiate({ gradients: { weight: dw }, outputGradient }) {
          const dEmbedded = allocate(capacity * embeddingSize);
          return {
            stateGradient: {},
            backward(_input, inputGradient, steps) {
              const rows = steps * lanes;
              kernel.setColumns(dEmbedded, embeddingSize, 0, outputGradient, outputSize, column, rows, embeddingSize);
              kernel.scatter(dw!, dEmbedded, tokens, rows, embeddingSize);
              table.clearPadding(kernel, dw!);
              if (!inputGradient) return;
              for (let row = 0; row < rows; row++) {
                const [from, to] = [row * outputSize, row * inputSize];
                for (let i = 0; i < column; i++) inputGradient[to + i]! += outputGradient[from + i]!;
                for (let i = 0; i < rest; i++) {
                  inputGradient[to + column + 1 + i]! += outputGradient[from + after + i]!;
                }
              }
            },
          };
        },
      };
    },
  };
}
