import type { LayerInput } from '../layer/layer.js';
import { rowsOf } from '../layer/rowsOf.js';
import type { Model, Tape } from '../model/model.js';
import type { Numbers } from '../types.js';

/** Runs one stream through a model step by step. */
export interface StepRunner {
  readonly tape: Tape;
  /** Whether the steps since `begin` are a window of the tape, from which it may go backward. */
  readonly inWindows: boolean;
  /** Begins a window: where `inWindows`, it must be called before a window has more steps than the runner was made for. */
  begin(): void;
  /** Runs a step, and returns its output where it left it. */
  read(input: LayerInput): Numbers;
  /** The output before the first step: zeros. */
  readonly first: Numbers;
  /** Where a loss would leave the gradient at the output of the last step. */
  outputGradient(): Numbers;
}

/** The longest window that is kept: each of its steps costs 10 to 25 KiB of objects besides its numbers. */
const LONGEST = 256;

/**
 * Makes a runner. With `steps` it keeps what a window of as many, at most 256, needs to be learned from, where all layers
 * can.
 */
export function stepRunner(model: Model, steps = 1): StepRunner {
  const { outputSize } = model;
  const kept = steps > LONGEST ? 1 : steps;
  const tape = model.tape(kept, 1);
  const forwardStep = kept > 1 ? tape.forwardStep : undefined;
  const gradients = rowsOf(tape.outputGradient, outputSize);
  let all = tape.output;
  let outputs = rowsOf(all, outputSize);
  let next = 0; // the step that is read next
  let row = 0; // of the step that was read last

  return {
    tape,
    inWindows: forwardStep !== undefined,
    begin() {
      next = 0;
    },
    read(input) {
      if (forwardStep) forwardStep(input, (row = next++));
      else tape.forward(input, 1);
      const { output } = tape;
      if (output === all) return outputs[row]!;
      all = output; // a layer may write to another array in each pass
      outputs = rowsOf(all, outputSize);
      return outputs[row]!;
    },
    first: outputs[0]!,
    outputGradient: () => gradients[row]!,
  };
}
