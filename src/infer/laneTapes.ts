import type { Model, Tape } from '../model/model.js';
import type { Numbers, Token } from '../types.js';

/** Where one stream is in a model; its numbers are overwritten. */
export interface LaneState {
  /** The state before `previous` is read, of one lane, as `Tape.readLane` gives it: in `numbers` from `place` on. */
  readonly numbers: Numbers;
  readonly place: number;
  /** The last token, which the model has not read yet. */
  previous: Token;
}

/** Runs one step of several streams in one pass of the model, with the bits of each stream alone. */
export interface LaneTapes {
  /**
   * Has the model read the `previous` of each of the first `rows` streams, by default all, lane by lane: their numbers
   * are then the states after it, and the tape has the outputs, until the next call.
   */
  read(streams: readonly LaneState[], rows?: number): Tape;
  /** Returns the buffers, for other streams. */
  release(): void;
}

/**
 * Makes tapes of 1, 2, 4, … lanes when first needed, so that few lanes are idle and there are few tapes; an idle lane
 * reads "no input" and its output is ignored.
 */
export function laneTapes(model: Model): LaneTapes {
  const made = new Map<number, { readonly tape: Tape; readonly inputs: Int32Array }>();

  return {
    read(streams, rows = streams.length) {
      let size = 1;
      while (size < rows) size *= 2;
      let lanes = made.get(size);
      if (lanes === undefined) made.set(size, (lanes = { tape: model.tape(1, size), inputs: new Int32Array(size) }));
      const { tape, inputs } = lanes;
      inputs.fill(-1, rows);
      for (let lane = 0; lane < rows; lane++) inputs[lane] = streams[lane]!.previous;
      tape.writeLanes(streams, rows);
      tape.forward(inputs, 1);
      tape.readLanes(streams, rows);
      return tape;
    },
    release() {
      for (const { tape } of made.values()) tape.release();
    },
  };
}
