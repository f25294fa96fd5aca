import type { Observable } from 'rxjs';
import { type Recording, recorder } from '../../src/recording.js';
import { weightsDigest } from './weightsDigest.js';
import type { System } from './system.js';

/** A recording of a system's run, on its own inputs or on those of an earlier run; its weights' digest at the end. */
export function runSystem(
  { about, inputs$, pipeline, model }: System<unknown>,
  given$?: Observable<unknown>,
): Recording {
  const run = recorder({ clock: 'inputs', about });
  let failure: unknown;
  (given$ ?? inputs$)
    .pipe(run.record('inputs'), pipeline(run))
    .subscribe({ error: (error: unknown) => (failure = error) });
  if (failure !== undefined) throw failure;
  run.mark('weights', weightsDigest(model));
  return run.recording();
}
