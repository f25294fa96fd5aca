import { renameSync } from 'node:fs';
import type { TrainingStep } from '../types.js';
import type { CheckpointOptions } from './checkpoint.js';
import { checkpointFiles } from './checkpointFiles.js';

/**
 * Looks at the first step of a run before anything is saved: whether the folder is its own, and whether a resumed run
 * goes on as the one before did. Newer files than the run was resumed from, damaged ones as a rule, are set aside.
 */
export function startRun({ folder, resumeFrom, onResumed }: CheckpointOptions, { step, loss }: TrainingStep): void {
  const newer = checkpointFiles(folder).filter((file) => file.step >= step);
  if (!resumeFrom) {
    if (newer.length === 0) return;
    throw new Error(
      `checkpoint: ${folder} holds a run of ${newer[0]!.step} steps; resume it (latestCheckpoint) or take another folder`,
    );
  }
  const { training, nextLoss } = resumeFrom;
  if (step !== training.step + 1) {
    throw new Error(
      `checkpoint: the run begins at step ${step}, behind ${training.step} of ${resumeFrom.path}; give train its ` +
        'resumeFrom, too',
    );
  }
  if (onResumed) onResumed({ step, loss, recorded: nextLoss });
  else if (nextLoss !== undefined && nextLoss !== loss) {
    throw new Error(
      `checkpoint: the loss of step ${step} is ${loss}, the run that is resumed had ${nextLoss}: the corpus, its place ` +
        'or an option is another; with onResumed it goes on',
    );
  }
  for (const { path } of newer) renameSync(path, `${path}.set-aside`);
}
