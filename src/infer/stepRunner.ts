import type { LayerInput } from '../layer/layer.js';
import { rowsOf } from '../layer/rowsOf.js';
import type { Model, Tape } from '../model/model.js';
import type { Numbers, State } from '../types.js';

/** Runs one stream through a model step by step. */
export interface StepRunner {
  readonly tape: Tape;
  /** Runs a step, and returns its output where it left it. */
  read(input: LayerInput): Numbers;
  /** The output before the first step: zeros. */
  readonly first: Numbers;
  /** Where a loss would leave the gradient at the output of the last step. */
  outputGradient(): Numbers;
  /** What is kept to learn from; undefined where nothing is. */
  readonly kept: KeptSteps | undefined;
}

/** Steps that are kept as a window of their tape, from which it may go backward. */
export interface KeptSteps {
  readonly tape: Tape;
  /** Begins a window; it must be called before one has more steps than the runner was made for. */
  begin(): void;
  /** Whether the weights are those that all steps of this window were run with: others may change them, too. */
  isUntouched(): boolean;
  /** The carried state before this window, as of `readLane` of a tape. */
  readonly start: Numbers;
}

/** The longest window that is kept: each of its steps costs 10 to 25 KiB of objects besides its numbers. */
const LONGEST = 256;

/**
 * Makes a runner. With `steps` it keeps what a window of as many, at most 256, needs to be learned from, where all layers
 * can.
 */
export function stepRunner(model: Model, steps = 1): StepRunner {
  const { kernel, outputSize } = model;
  const most = steps > LONGEST ? 1 : steps;
  const tape = model.tape(most, 1);
  const forwardStep = most > 1 ? tape.forwardStep : undefined;
  const gradients = rowsOf(tape.outputGradient, outputSize);
  let all = tape.output;
  let outputs = rowsOf(all, outputSize);
  const start = new Float64Array(forwardStep ? sizeOf(model.zeroState()) : 0);
  let version = -1; // of the weights, when this window was begun
  let next = 0; // the step that is read next
  let row = 0; // of the step that was read last

  return {
    tape,
    kept: forwardStep && {
      tape,
      begin() {
        next = 0;
      },
      isUntouched: () => kernel.weightsVersion() === version,
      start,
    },
    read(input) {
      if (forwardStep) {
        if (next === 0) {
          tape.readLane(0, start);
          version = kernel.weightsVersion();
        }
        forwardStep(input, (row = next++));
      } else tape.forward(input, 1);
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

function sizeOf(state: State): number {
  let size = 0;
  for (const { data } of state.values()) size += data.length;
  return size;
}
