import { relative } from 'node:path';
import { argv } from 'node:process';
import { defer, type MonoTypeOperatorFunction, tap } from 'rxjs';
import { checkpoint, type CheckpointOptions, type Resumed, type ValidatedStep, visible } from '../../src/index.js';
import { commandLine } from '../cli/commandLine.js';
import { interrupted } from '../cli/interrupted.js';
import { invocation } from '../cli/invocation.js';
import { say } from '../cli/say.js';
import { sayCommand } from '../cli/sayCommand.js';

/**
 * `checkpoint` for a script that a person may stop. The first Ctrl-C finishes the step, saves, and prints the command
 * that resumes the run; the second exits at once. A resumed run says that its first loss equals the recorded one, or
 * fails.
 *
 * ```
 * ^C                     ------x
 * train                  -t1-t2--t3-t4-t5-…
 * checkpointOnInterrupt  -t1-t2--t3-|        step 3 is saved, and with it the loss of step 4
 * ```
 *
 * A reader that leaves, as `| head` does, stops and saves too, without a message. All messages go to stderr. The source
 * of the run needs `yielding`, or no signal arrives.
 */
export function checkpointOnInterrupt<S extends ValidatedStep>(
  options: Omit<CheckpointOptions, 'stop$' | 'onResumed'>,
): MonoTypeOperatorFunction<S> {
  return (step$) =>
    defer(() => {
      let stopped = false;
      let completed = false;
      let last: { readonly path: string; readonly step: number } | undefined;
      return step$.pipe(
        checkpoint<S>({
          ...options,
          stop$: interrupted().pipe(tap((by) => (stopped ||= by === 'signal'))),
          onResumed: options.dataChanged ? sayResumedAnyhow : sayResumed,
          onSaved(path, step) {
            last = { path, step };
            options.onSaved?.(path, step);
          },
        }),
        tap({
          complete: () => (completed = true),
          finalize() {
            if (!completed || !stopped || !last) return;
            const { step, path } = last;
            queueMicrotask(() => {
              // once everything after this has ended, and the live line with it
              sayCommand(`stopped after step ${step}, saved in ${visible(path)}; to go on`, resumeCommand());
            });
          },
        }),
      );
    });
}

function sayResumed({ step, loss, recorded }: Resumed): void {
  if (recorded === undefined) return say(`resumed: step ${step}, loss ${loss}`);
  if (recorded === loss)
    return say(`resumed: step ${step}, loss ${loss}, to the bit the one recorded when it was stopped`);
  throw new Error(`step ${step} has the loss ${loss}, recorded was ${recorded}: the data or an option differs`);
}

function sayResumedAnyhow({ step, loss }: Resumed): void {
  say(`resumed: step ${step}, loss ${loss}, on a text that may have changed`);
}

/** Gives the command that resumes this run: the one that was typed, with `--resume`. */
export function resumeCommand(args: readonly string[] = argv): string {
  const [, script = '', ...options] = args;
  const words = [...invocation(relative('', script)), ...options.filter((option) => option !== '--resume'), '--resume'];
  return commandLine(words);
}
