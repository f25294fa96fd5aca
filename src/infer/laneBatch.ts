import { zeros } from '../kernel/zeros.js';
import type { Model } from '../model/model.js';
import type { Token } from '../types.js';
import { type LaneState, laneTapes } from './laneTapes.js';
import { notFinite, PLAIN } from './reader.js';
import { type Surprisal, surprisalOf } from './surprisalOf.js';

/** Scores one token of each of several streams in one pass of the model, with the bits of each stream alone. */
export interface LaneBatch {
  /** Scores `tokens[lane]` in `streams[lane]` for the first `rows` lanes; each of these streams moves on. */
  run(streams: readonly LaneState[], tokens: readonly Token[], rows: number): void;
  /** The surprisal of the token of a lane of the last `run`. */
  surprisal(lane: number): Surprisal;
  /** Returns the buffers, for other streams. */
  release(): void;
}

/** Makes a batch of lanes; `who` is the caller's name, for errors. */
export function laneBatch(who: string, model: Model, topK: number): LaneBatch {
  const { dtype, kernel, outputSize: width } = model;
  const { read, release } = laneTapes(model);
  let losses = zeros(dtype, 0);
  let targets = new Int32Array(0);
  let logits = losses;
  let probabilities = losses; // less 1 at the target

  return {
    run(streams, tokens, rows) {
      if (losses.length < rows) {
        losses = zeros(dtype, rows);
        targets = new Int32Array(rows);
      }
      const tape = read(streams, rows);
      logits = tape.output;
      probabilities = tape.outputGradient;
      for (let lane = 0; lane < rows; lane++) targets[lane] = tokens[lane]!;
      const nats = kernel.crossEntropy(losses, probabilities, logits, targets, undefined, PLAIN, rows, width);
      if (!Number.isFinite(nats)) throw notFinite(who, tape);
      for (let lane = 0; lane < rows; lane++) streams[lane]!.previous = targets[lane]!;
    },
    surprisal: (lane) => surprisalOf(targets[lane]!, losses[lane]!, logits, probabilities, lane * width, width, topK),
    release,
  };
}
