import { identity, map, type Observable, type OperatorFunction, pipe, tap } from 'rxjs';
import {
  backpropagate,
  type Differentiated,
  type Model,
  type Optimizer,
  optimize,
  type Scored,
  unroll,
  type Unrolled,
  type Window,
} from '../../src/index.js';
import type { Recorder } from '../../src/recording.js';

/** A system before its run: a model, its inputs, and its pipeline. */
export interface System<I> {
  /** Its name in `systems`, its seed, its settings. */
  readonly about: object;
  readonly model: Model;
  readonly inputs$: Observable<I>;
  /** Turns inputs into the system's last stream, and records it on tracks of `run`. */
  readonly pipeline: (run: Recorder) => OperatorFunction<I, unknown>;
}

/** Forgets the type of a system's inputs after checking it. */
export function system<I>(it: System<I>): System<unknown> {
  return it as System<unknown>;
}

/** Trains on windows, and records losses and gradient norms; the weights' digest is recorded at the end of the run. */
export function recordTraining(
  model: Model,
  loss: OperatorFunction<Unrolled, Scored>,
  optimizer: Optimizer,
  run: Recorder,
  clip: OperatorFunction<Differentiated, Differentiated> = identity,
): OperatorFunction<Window, number> {
  return pipe(
    unroll(model),
    loss,
    backpropagate(model),
    clip,
    optimize(model, optimizer),
    tap(({ gradientNorm }) => run.mark('gradient norms', gradientNorm)),
    map(({ loss }) => loss),
    run.record('losses'),
  );
}
