import { zeros } from '../kernel/zeros.js';
import type { Model, Tape } from '../model/model.js';
import type { Numbers, State, Token } from '../types.js';
import { notFinite, PLAIN } from './reader.js';
import { type Surprisal, surprisalOf } from './surprisalOf.js';

/** Where one stream is in a model; its numbers are overwritten. */
export interface LaneState {
  /** The state before `previous` is read, of one lane. */
  readonly state: State;
  /** The last token, which the model has not read yet. */
  previous: Token;
}

/** Scores one token of each of several streams in one pass of the model, with the bits of each stream alone. */
export interface LaneBatch {
  run(streams: readonly LaneState[], tokens: readonly Token[]): Surprisal[];
  /** Returns the buffers, for other streams. */
  release(): void;
}

/** A tape with its input and output buffers. */
interface Lanes {
  readonly tape: Tape;
  readonly state: State;
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
  readonly losses: Numbers;
}

/**
 * Makes a batch of lanes. Tapes of 1, 2, 4, … lanes are made when first needed, so that few lanes are idle and there
 * are few tapes; an idle lane reads "no input" and its output is ignored. `who` is the caller's name, for errors.
 */
export function laneBatch(who: string, model: Model, topK: number): LaneBatch {
  const { dtype, kernel, outputSize: width } = model;
  const made = new Map<number, Lanes>();

  function lanesFor(count: number): Lanes {
    let size = 1;
    while (size < count) size *= 2;
    let lanes = made.get(size);
    if (lanes === undefined) {
      lanes = {
        tape: model.tape(1, size),
        state: model.zeroState(size),
        inputs: new Int32Array(size),
        targets: new Int32Array(size),
        losses: zeros(dtype, size),
      };
      made.set(size, lanes);
    }
    return lanes;
  }

  return {
    run(streams, tokens) {
      const { tape, state, inputs, targets, losses } = lanesFor(streams.length);
      const { output, outputGradient } = tape;
      inputs.fill(-1);
      for (const [lane, stream] of streams.entries()) {
        inputs[lane] = stream.previous;
        targets[lane] = tokens[lane]!;
        copyLane(state, lane, stream.state, 0);
      }
      tape.setState(state);
      tape.forward(inputs, 1);
      const rows = streams.length;
      const nats = kernel.crossEntropy(losses, outputGradient, output, targets, undefined, PLAIN, rows, width);
      if (!Number.isFinite(nats)) throw notFinite(who, tape);
      const after = tape.state();
      return streams.map((stream, lane) => {
        const token = tokens[lane]!;
        copyLane(stream.state, 0, after, lane);
        stream.previous = token;
        return surprisalOf(token, losses[lane]!, output, outputGradient, lane * width, width, topK);
      });
    },
    release() {
      for (const { tape } of made.values()) tape.release();
    },
  };
}

/** Copies a lane of one state to a lane of another of the same model. */
function copyLane(to: State, toLane: number, from: State, fromLane: number): void {
  for (const [name, { shape, data }] of to) {
    const [depth, toLanes, size] = shape as [number, number, number];
    const source = from.get(name)!;
    const fromLanes = source.shape[1]!;
    for (let d = 0; d < depth; d++) {
      const at = (d * toLanes + toLane) * size;
      const fromAt = (d * fromLanes + fromLane) * size;
      for (let i = 0; i < size; i++) data[at + i] = source.data[fromAt + i]!;
    }
  }
}
