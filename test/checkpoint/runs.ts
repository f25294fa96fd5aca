import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Observable, repeat, take } from 'rxjs';
import { checkpoint, type CheckpointOptions } from '../../src/checkpoint/checkpoint.js';
import type { Checkpoint } from '../../src/checkpoint/loadCheckpoint.js';
import { bookmark } from '../../src/flow/bookmark.js';
import { pull } from '../../src/flow/pull.js';
import { type Trainer, trainer } from '../../src/learn/trainer.js';
import { type ValidatedStep, validate } from '../../src/learn/validate.js';
import type { Model } from '../../src/model/model.js';
import { seeded } from '../../src/random/seeded.js';
import { lanes } from '../../src/token/lanes.js';
import type { Vocabulary } from '../../src/token/vocabularyOf.js';
import { vocabularyOf } from '../../src/token/vocabularyOf.js';
import { windows } from '../../src/token/windows.js';
import type { Dtype } from '../../src/types.js';
import { type Cell, corpus, OPTIMIZERS, smallModel } from '../learn/support.js';

export const symbols: Vocabulary = vocabularyOf(Array.from('abcdefg'));

const folders = mkdtempSync(join(tmpdir(), 'rxrnn-checkpoint-'));
process.on('exit', () => rmSync(folders, { recursive: true, force: true }));

/** A folder that is removed when the process ends. */
export function temporaryFolder(): string {
  return mkdtempSync(join(folders, 'run-'));
}

export interface RunOptions {
  readonly cell?: Cell;
  readonly dtype?: Dtype;
  readonly optimizer?: string;
  readonly saved?: Checkpoint | undefined;
  /** Absent: a run without checkpoints. */
  readonly checkpoints?: Omit<CheckpointOptions, 'trainer'>;
  readonly validateEvery?: number;
  /** Where the run ends by itself; absent: nowhere. */
  readonly steps?: number;
}

/** A run with dropout, over three lanes of a corpus in memory, epochs joined; its trainer and its model. */
export function run(options: RunOptions = {}): {
  model: Model;
  learner: Trainer;
  steps: Observable<ValidatedStep>;
} {
  const { saved, checkpoints, optimizer = 'adam', validateEvery } = options;
  const model = saved?.model ?? smallModel(options);
  const mark = bookmark(saved?.place);
  const dropout = seeded(saved ? 'any' : 'dropout');
  const learner = trainer(model, {
    optimizer: OPTIMIZERS[optimizer]!(),
    dropoutRandom: dropout,
    resumeFrom: saved?.training,
  });
  const trained$ = pull(lanes(corpus.slice(0, 160), 3, { bookmark: mark })).pipe(
    repeat(),
    windows({ steps: 4, lanes: 3, bookmark: mark }),
    learner.learn,
    take(options.steps ?? Infinity),
  );
  const heldOut$ = pull(lanes(corpus.slice(200, 260), 2)).pipe(windows({ steps: 6, lanes: 2 }));
  const validated$ = validateEvery ? trained$.pipe(validate(model, heldOut$, { every: validateEvery })) : trained$;
  const kept = checkpoints && {
    trainer: learner,
    bookmark: mark,
    vocabulary: symbols,
    resumeFrom: saved,
    ...checkpoints,
  };
  return { model, learner, steps: kept ? validated$.pipe(checkpoint(kept)) : validated$ };
}
