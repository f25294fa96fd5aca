import { defer, type MonoTypeOperatorFunction, tap } from 'rxjs';
import { checkpoint, type CheckpointOptions, type Resumed, type ValidatedStep } from '../../src/index.js';
import { resumeCommand } from './resumeCommand.js';
import { interrupted } from '../cli/interrupted.js';

/**
 * `checkpoint` for a script that a person may stop: the first Ctrl-C finishes the step, saves, and says with which
 * command to go on; the second leaves at once. A resumed run says that its first loss is the recorded one, or fails.
 *
 * ```
 * ^C         ------x
 * train      -t1-t2--t3-t4-t5-…
 * stoppable  -t1-t2--t3-|            step 3 is saved, and with it the loss of step 4
 * ```
 *
 * All is said on stderr. The source of the run needs `yielding`, or no signal comes through.
 */
export function checkpointOnInterrupt<S extends ValidatedStep>(
  options: Omit<CheckpointOptions, 'stop$' | 'onResumed'>,
): MonoTypeOperatorFunction<S> {
  return (step$) =>
    defer(() => {
      let stopped = false;
      let last: { readonly path: string; readonly step: number } | undefined;
      return step$.pipe(
        checkpoint<S>({
          ...options,
          stop$: interrupted().pipe(tap(() => (stopped = true))),
          onResumed: sayResumed,
          onSaved(path, step) {
            last = { path, step };
            options.onSaved?.(path, step);
          },
        }),
        tap({
          complete() {
            if (stopped && last)
              say(`stopped after step ${last.step}, saved in ${last.path}; to go on:\n  ${resumeCommand()}`);
          },
        }),
      );
    });
}

function sayResumed({ step, loss, recorded }: Resumed): void {
  if (recorded === undefined) return say(`resumed: step ${step}, loss ${loss}`);
  if (recorded === loss)
    return say(`resumed: step ${step}, loss ${loss}, to the bit the one recorded when it was stopped`);
  throw new Error(`step ${step} has the loss ${loss}, recorded was ${recorded}: the data or an option is another`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
