import type { Model } from '../../src/model/model.js';
import type { Token } from '../../src/types.js';

/** What a model gives at the last step of a sequence, read in one pass. */
export function lastOutputs(model: Model, sequence: readonly Token[]): number[] {
  const { outputSize } = model;
  const tape = model.tape(sequence.length, 1);
  tape.forward(Int32Array.from(sequence), sequence.length);
  const output = [...tape.output.subarray((sequence.length - 1) * outputSize, sequence.length * outputSize)];
  tape.release();
  return output;
}
