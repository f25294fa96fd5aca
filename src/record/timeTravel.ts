import { defer, filter, from, map, tap, type Observable, type OperatorFunction } from 'rxjs';
import type { Marble, Recording } from './recording.js';
import { trackOf } from './trackOf.js';

/** How a run is gone back into. */
export interface TimeTravelOptions<I, S, E> {
  /** The track whose values went into the run: its clock. */
  readonly inputs: string;
  /** The track of its snapshots; without one, or where none lies before the step, a journey begins at the start. */
  readonly snapshots?: string;
  /**
   * A fresh pipeline that stands where the snapshot was taken, or at the start of the run: the same model, optimizer
   * and hidden state. It must give back all that the run depends on; what it leaves out comes out in other numbers. Of
   * a training run a snapshot is a `trainingState`, and `resumeFrom` takes it.
   */
  readonly restore: (snapshot: S | undefined) => OperatorFunction<I, E>;
}

/**
 * What a recorded run emitted at one step, made again: the run goes on from the last snapshot before that step, or from
 * the start, through the recorded inputs up to it.
 *
 * ```
 * inputs              -abcdefgh
 * snapshots           ---x--y--
 * timeTravel, step 5  restore(x), then d and e: what comes of e is emitted
 * ```
 *
 * ```ts
 * import { adam, linear, pull, rnn, sequential, train, trainingState, windows } from 'rxrnn';
 * import type { TrainingState, TrainingStep, Window } from 'rxrnn';
 * import { recorder, snapshots, timeTravel } from 'rxrnn/recording';
 *
 * const fresh = () =>
 *   sequential({ rnn: rnn({ inputSize: 3, hiddenSize: 4 }), linear: linear({ inputSize: 4, outputSize: 3 }) });
 * const learn = (resumeFrom?: TrainingState) => train(fresh(), { optimizer: adam(), resumeFrom });
 * const run = recorder({ clock: 'windows' });
 * const losses: number[] = [];
 * pull([0, 1, 2, 0, 1, 2, 0, 1, 2])
 *   .pipe(windows({ steps: 2 }), run.record('windows'), learn(), snapshots(run, { every: 2, take: trainingState }))
 *   .subscribe(({ loss }) => losses.push(loss));
 * timeTravel<Window, TrainingState, TrainingStep>(run.recording(), 4, {
 *   inputs: 'windows',
 *   snapshots: 'snapshots',
 *   restore: learn, // runs two windows at most
 * }).subscribe(({ step, loss }) => console.log(step, loss === losses[3])); // -> 4 true
 * ```
 *
 * It emits while the numbers of a handle stand: copy what you look at (`outputs`, `hiddenState`, `gradients`, and
 * `stateDict` before `optimize`). A snapshot of a step was taken when the step was done. Of a tape, `cutLog` gives the
 * steps from one snapshot on. RangeErrors for a step that the inputs do not have, for inputs that are missing between
 * the snapshot and the step, and for an inputs' track that is not there.
 */
export function timeTravel<I, S, E>(
  recording: Recording,
  step: number,
  { inputs, snapshots, restore }: TimeTravelOptions<I, S, E>,
): Observable<E> {
  const fed = values<I>(trackOf(recording, inputs).marbles);
  if (!fed.some((marble) => marble.step === step)) {
    const range = `${fed[0]?.step ?? 0} to ${fed.at(-1)?.step ?? 0}`;
    throw new RangeError(`timeTravel: step must be one of "${inputs}", ${range}, got ${step}`);
  }
  const kept = values<S>(recording.tracks.find(({ title }) => title === snapshots)?.marbles ?? []);
  const start = kept.findLast((marble) => marble.step < step);
  const first = (start?.step ?? 0) + 1;
  const stretch = fed.filter((marble) => marble.step >= first && marble.step <= step);
  if (stretch.length !== step - first + 1) {
    const from = start === undefined ? 'the start of the run' : `the snapshot of step ${start.step}`;
    throw new RangeError(
      `timeTravel: "${inputs}" must have a value for each step from ${from} to step ${step}, got ` +
        `${stretch.length} of ${step - first + 1}`,
    );
  }
  return defer(() => {
    let now = 0;
    const input$ = from(stretch).pipe(
      tap((marble) => (now = marble.step)),
      map(({ value }) => value),
    );
    return input$.pipe(
      restore(start?.value),
      filter(() => now === step),
    );
  });
}

interface Value<T> {
  readonly step: number;
  readonly value: T;
}

function values<T>(marbles: readonly Marble[]): Value<T>[] {
  return marbles.filter((marble) => marble.kind === 'N').map(({ step, value }) => ({ step, value: value as T }));
}
