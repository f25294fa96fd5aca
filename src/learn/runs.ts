import type { Model, Tape } from '../model/model.js';
import type { Random } from '../random/random.js';
import type { TrainingStep } from '../types.js';
import type { Optimizer } from './optimizer.js';
import type { Unrolled } from './stages.js';

/** What stands behind the steps that one subscription of `optimize` emits; its numbers are those of the latest step. */
export interface Run {
  readonly model: Model;
  readonly optimizer: Optimizer;
  /** Where the latest step stands: its tape, and the pass whose numbers are its own; gone when the run has ended. */
  readonly latest: { readonly tape: Tape; readonly pass: number } | undefined;
  /** The latest step, and what stands for it. */
  readonly emitted: TrainingStep[];
  /** Registers a step, and returns it. */
  told(step: TrainingStep, of: Unrolled): TrainingStep;
  /** Forgets the latest step: its buffers may be lent to others. */
  end(): void;
}

/**
 * The runs that go on: by them a step is found, by the object itself, as steps are plain JSON and stay so. Keeping the
 * latest step of each costs a window nothing; a WeakMap of all steps took a twentieth of a small one's time. A run that
 * was dropped without an end is not held.
 */
const open = new Set<WeakRef<Run>>();
/** What a tape's dropout draws from. */
const ofTape = new WeakMap<Tape, Random>();

/** Opens the run of one subscription of `optimize`. */
export function openRun(model: Model, optimizer: Optimizer): Run {
  let latest: Run['latest'];
  const emitted: TrainingStep[] = [];
  const run: Run = {
    model,
    optimizer,
    emitted,
    get latest() {
      return latest;
    },
    told(step, of) {
      latest = of;
      emitted.length = 1;
      emitted[0] = step;
      return step;
    },
    end() {
      latest = undefined;
      emitted.length = 0;
      open.delete(reference);
    },
  };
  const reference = new WeakRef(run);
  open.add(reference);
  return run;
}

/** The run whose latest step this is; undefined for any other object, a copy of it included. */
export function runOf(step: TrainingStep): Run | undefined {
  for (const reference of open) {
    const run = reference.deref();
    if (!run) open.delete(reference);
    else if (run.emitted.includes(step)) return run;
  }
  return undefined;
}

/** Lets a step with more to it stand for the one that it was made of. */
export function passOn<S extends TrainingStep>(from: TrainingStep, to: S): S {
  runOf(from)?.emitted.push(to);
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
