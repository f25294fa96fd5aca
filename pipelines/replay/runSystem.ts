import type { Observable } from 'rxjs';
import { type Recording, recorder } from '../../src/recording.js';
import { weightsDigest } from './weightsDigest.js';
import type { System } from './system.js';

/** Runs a system and records it, on its own inputs or on those of an earlier run; the last entry is the weights' digest. */
export function runSystem(
  { about, inputs$, pipeline, model }: System<unknown>,
  recorded$?: Observable<unknown>,
): Recording {
  const run = recorder({ clock: 'inputs', about });
  let failure: unknown;
  (recorded$ ?? inputs$)
    .pipe(run.record('inputs'), pipeline(run))
    .subscribe({ error: (error: unknown) => (failure = error) });
  if (failure !== undefined) throw failure;
  run.mark('weights', weightsDigest(model));
  return run.recording();
}
