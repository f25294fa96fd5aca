import { isInt32 } from '../check/isInt32.js';
import { notAToken } from '../check/notAToken.js';
import { token as checkToken } from '../check/token.js';
import type { Model, Tape } from '../model/model.js';
import type { Numbers, Token, Window } from '../types.js';
import type { SeriesRow } from '../series/checkRow.js';
import { reader } from './reader.js';
import { type Judged, rowReader, type RowReaderOptions } from './rowReader.js';
import { type Surprisal, surprisalOf } from './surprisalOf.js';

/** The items of one kind of stream: how a model reads them, judges them before it reads them, and learns from them. */
export interface StreamOf<T, P, J> {
  readonly tape: Tape;
  /** Checks an item and returns it as the model reads it. */
  take(item: T, index: number): P;
  /** Reads an item. */
  read(item: P): void;
  /** Compares an item with what the model expects after those read. */
  judge(item: P): J;
  /** The window of items one after another: the first is the input before the others, which are the targets. */
  window(items: readonly P[]): Window;
}

/** Streams of tokens. */
export function streamOfTokens(who: string, model: Model, topK: number): StreamOf<Token, Token, Surprisal> {
  const { tape, read, nats, probabilities, logits } = reader(who, model);
  const { outputSize: width } = model;
  return {
    tape,
    take(token, index) {
      if (!isInt32(token)) throw notAToken(who, index, token);
      checkToken(who, token, width);
      return token;
    },
    read,
    judge: (token) => surprisalOf(token, nats(token), logits(), probabilities(), 0, width, topK),
    window(tokens) {
      const all = Int32Array.from(tokens);
      return { steps: all.length - 1, lanes: 1, inputs: all.slice(0, -1), targets: all.slice(1) };
    },
  };
}

/** Streams of rows of numbers. */
export function streamOfRows(
  who: string,
  model: Model,
  options: RowReaderOptions,
): StreamOf<SeriesRow, Numbers, Judged> {
  const { tape, horizon, take, read, judge } = rowReader(who, model, options);
  const { inputSize } = model;
  if (horizon !== 1) {
    tape.release();
    throw new RangeError(`${who}: the model must predict the next row alone, it predicts ${horizon}`);
  }
  return {
    tape,
    take,
    read,
    judge,
    window(rows) {
      const steps = rows.length - 1;
      const inputs = new Float64Array(steps * inputSize);
      const targets = new Float64Array(steps * inputSize);
      for (let t = 0; t < steps; t++) {
        inputs.set(rows[t]!, t * inputSize);
        targets.set(rows[t + 1]!, t * inputSize);
      }
      return { steps, lanes: 1, inputs, targets };
    },
  };
}
