import type { Model, Tape } from '../model/model.js';
import type { Numbers, Window } from '../types.js';

/** Runs windows of whole sequences, each lane from a state of zeros, in buffers of its own. */
export interface SequenceTape {
  /** The outputs, `steps × lanes × outputSize`, until the next run. */
  run(window: Pick<Window, 'steps' | 'lanes' | 'inputs' | 'mask'>): Numbers;
  /** Where a loss may leave its gradient, of the same shape. */
  gradient(): Numbers;
  firstNotFinite(): string | undefined;
  /** Returns the buffers. */
  release(): void;
}

export function sequenceTape(model: Model): SequenceTape {
  let tape: Tape | undefined;
  return {
    run({ steps, lanes, inputs, mask }) {
      if (tape?.lanes !== lanes || tape.steps < steps) {
        tape?.release();
        tape = undefined; // should there be no memory for another
        tape = model.tape(steps, lanes);
      }
      tape.forward(inputs, steps, { mask, resets: new Uint8Array(lanes).fill(1) });
      return tape.output;
    },
    gradient: () => tape!.outputGradient,
    firstNotFinite: () => tape?.firstNotFinite(),
    release: () => tape?.release(),
  };
}

/** Refuses a model that reads pairs of sequences. */
export function checkWholeSequences(who: string, model: Model): void {
  if (model.kind === 'seq2seq') throw new RangeError(`${who}: a seq2seq reads pairs of sequences, not single ones`);
}
