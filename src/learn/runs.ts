import type { Model, Tape } from '../model/model.js';
import type { Random } from '../random/random.js';
import type { TrainingStep } from '../types.js';
import type { Optimizer } from './optimizer.js';
import type { Unrolled } from './stages.js';

/** What stands behind the steps that one subscription of `optimize` emits; its numbers are those of the latest step. */
export interface Run {
  readonly model: Model;
  readonly optimizer: Optimizer;
  /** The latest step's number, tape and pass: what an older step is told by. */
  readonly latest: { readonly step: number; readonly tape: Tape; readonly pass: number } | undefined;
  /** Registers a step, and returns it. */
  told(step: TrainingStep, of: Unrolled): TrainingStep;
}

/**
 * Which run a step belongs to, and which `Random` a tape's dropout draws from. Steps are plain JSON and stay so: what
 * `trainingState` reads off a step is found by the object itself, and goes with it.
 */
const ofStep = new WeakMap<TrainingStep, Run>();
const ofTape = new WeakMap<Tape, Random>();

/** Opens the run of one subscription of `optimize`. */
export function openRun(model: Model, optimizer: Optimizer): Run {
  let latest: Run['latest'];
  const run: Run = {
    model,
    optimizer,
    get latest() {
      return latest;
    },
    told(step, { tape, pass }) {
      latest = { step: step.step, tape, pass };
      ofStep.set(step, run);
      return step;
    },
  };
  return run;
}

/** The run that emitted a step; undefined for any other object, a copy of a step included. */
export function runOf(step: TrainingStep): Run | undefined {
  return ofStep.get(step);
}

/** Lets a step with more to it stand for the one that it was made of. */
export function passOn<S extends TrainingStep>(from: TrainingStep, to: S): S {
  const run = ofStep.get(from);
  if (run) ofStep.set(to, run);
  return to;
}

/** Notes what dropout draws from on a tape. */
export function drawsFrom(tape: Tape, dropout: Random | undefined): void {
  if (dropout) ofTape.set(tape, dropout);
}

/** What dropout draws from on a tape, where it was given anything. */
export function dropoutOf(tape: Tape): Random | undefined {
  return ofTape.get(tape);
}
