import { zeros } from '../kernel/zeros.js';
import type { Model } from '../model/model.js';
import type { Token } from '../types.js';
import { type LaneState, laneTapes } from './laneTapes.js';
import { notFinite, PLAIN } from './reader.js';
import { type Surprisal, surprisalOf } from './surprisalOf.js';

/** Scores one token of each of several streams in one pass of the model, with the bits of each stream alone. */
export interface LaneBatch {
  /** Scores `tokens[lane]` in `streams[lane]`, which moves on, and calls `scored` for each lane in order. */
  run(
    streams: readonly LaneState[],
    tokens: readonly Token[],
    scored: (lane: number, surprisal: Surprisal) => void,
  ): void;
  /** Returns the buffers, for other streams. */
  release(): void;
}

/** Makes a batch of lanes; `who` is the caller's name, for errors. */
export function laneBatch(who: string, model: Model, topK: number): LaneBatch {
  const { dtype, kernel, outputSize: width } = model;
  const { read, release } = laneTapes(model);
  let losses = zeros(dtype, 0);
  let targets = new Int32Array(0);

  return {
    run(streams, tokens, scored) {
      const rows = streams.length;
      if (losses.length < rows) {
        losses = zeros(dtype, rows);
        targets = new Int32Array(rows);
      }
      targets.set(tokens);
      const tape = read(streams);
      const { output, outputGradient } = tape;
      const nats = kernel.crossEntropy(losses, outputGradient, output, targets, undefined, PLAIN, rows, width);
      if (!Number.isFinite(nats)) throw notFinite(who, tape);
      for (let lane = 0; lane < rows; lane++) {
        const token = tokens[lane]!;
        streams[lane]!.previous = token;
        scored(lane, surprisalOf(token, losses[lane]!, output, outputGradient, lane * width, width, topK));
      }
    },
    release,
  };
}
