import { defer, filter, from, map, tap, type Observable, type OperatorFunction } from 'rxjs';
import { callable } from '../check/callable.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { show } from '../check/show.js';
import { string } from '../check/string.js';
import type { Marble, Recording } from './recording.js';
import { findTrack } from './trackOf.js';
import { checkWholeTracks } from './checkWholeTracks.js';
import { checkRecording } from './checkRecording.js';

/** How a step of a recorded run is computed again. */
export interface TimeTravelOptions<I, S, E> {
  /** The title of the track whose values were the inputs of the run: its clock. */
  readonly inputs: string;
  /** The title of the track of its snapshots; without one before the step, the run is repeated from the start. */
  readonly snapshots?: string | undefined;
  /**
   * Returns a new pipeline in the state of the snapshot or, without one, of the start of the run: the same model,
   * optimizer and hidden state. It must restore all that the run depends on, or the numbers differ. For a training run
   * a snapshot is its trainer's `state()`, which `resumeFrom` takes.
   */
  readonly restore: (snapshot: S | undefined) => OperatorFunction<I, E>;
}

/**
 * Computes again what a recorded run emitted at one step: the run continues from the last snapshot before that step, or
 * from the start, through the recorded inputs up to the step.
 *
 * ```
 * inputs              -abcdefgh
 * snapshots           ---x--y--
 * timeTravel, step 5  restore(x), then d and e; what e gives is emitted
 * ```
 *
 * ```ts
 * import { adam, linear, pull, rnn, sequential, trainer, windows } from 'rxrnn';
 * import type { TrainingState, TrainingStep, Window } from 'rxrnn';
 * import { recorder, snapshots, timeTravel } from 'rxrnn/recording';
 *
 * const fresh = () =>
 *   sequential({ rnn: rnn({ inputSize: 3, hiddenSize: 4 }), linear: linear({ inputSize: 4, outputSize: 3 }) });
 * const training = (resumeFrom?: TrainingState) => trainer(fresh(), { optimizer: adam(), resumeFrom });
 * const [first, run] = [training(), recorder({ clock: 'windows' })];
 * const losses: number[] = [];
 * pull([0, 1, 2, 0, 1, 2, 0, 1, 2])
 *   .pipe(
 *     windows({ steps: 2 }),
 *     run.record('windows'),
 *     first.learn,
 *     snapshots(run, { every: 2, take: () => first.state() }),
 *   )
 *   .subscribe(({ loss }) => losses.push(loss));
 * timeTravel<Window, TrainingState, TrainingStep>(run.recording(), 4, {
 *   inputs: 'windows',
 *   snapshots: 'snapshots',
 *   restore: (state) => training(state).learn, // runs two windows at most
 * }).subscribe(({ step, loss }) => console.log(step, loss === losses[3])); // -> 4 true
 * ```
 *
 * It emits while the numbers of a handle are valid: copy those that you need (`outputs`, `hiddenState`, `gradients`,
 * and `stateDict` before `optimize`). A snapshot of a step was taken after the step. Of a run log, `cutLog` returns the
 * steps from one snapshot on. A RangeError for a step that the inputs do not have, for inputs missing between the
 * snapshot and the step, and where the inputs have no track.
 */
export function timeTravel<I, S, E>(
  recording: Recording,
  step: number,
  given: TimeTravelOptions<I, S, E>,
): Observable<E> {
  checkRecording('timeTravel', 'recording', recording);
  checkWholeTracks('timeTravel', 'recording.tracks', recording.tracks);
  given = options('timeTravel', given, { inputs: string, snapshots: optional(string), restore: callable });
  const { inputs, snapshots, restore } = given;
  const inputMarbles = values<I>(findTrack('timeTravel', recording, inputs).marbles);
  if (!inputMarbles.some((marble) => marble.step === step)) {
    const range = `${inputMarbles[0]?.step ?? 0} to ${inputMarbles.at(-1)?.step ?? 0}`;
    throw new RangeError(`timeTravel: step must be one of ${show(inputs)}, ${range}, got ${show(step)}`);
  }
  const kept = values<S>(recording.tracks.find(({ title }) => title === snapshots)?.marbles ?? []);
  const start = kept.findLast((marble) => marble.step < step);
  const first = (start?.step ?? 0) + 1;
  const replayed = inputMarbles.filter((marble) => marble.step >= first && marble.step <= step);
  if (replayed.length !== step - first + 1) {
    const from = start === undefined ? 'the start of the run' : `the snapshot of step ${start.step}`;
    throw new RangeError(
      `timeTravel: ${show(inputs)} must have a value for each step from ${from} to step ${step}, got ` +
        `${replayed.length} of ${step - first + 1}`,
    );
  }
  return defer(() => {
    let now = 0;
    const input$ = from(replayed).pipe(
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
