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

/** A system at its start: a model, what goes in, and what becomes of it. */
export interface System<I> {
  /** Its name below, its seed, its settings. */
  readonly about: object;
  readonly model: Model;
  readonly inputs$: Observable<I>;
  /** From inputs to the system's last stream; keeps what it does on tracks of `run`. */
  readonly pipeline: (run: Recorder) => OperatorFunction<I, unknown>;
}

/** A system of whatever inputs, checked before they are forgotten. */
export function system<I>(it: System<I>): System<unknown> {
  return it as System<unknown>;
}

/** The stages of learning; keeps the losses and, with the last window, nothing else: weights are told at the end. */
export function learn(
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
