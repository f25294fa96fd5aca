// The run behind studio.ts: a language model whose learning rate, pace, checkpoints and resets are observables.
import { mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defer, EMPTY, finalize, mergeMap, of, type Observable, switchMap } from 'rxjs';
import {
  adam,
  backpropagate,
  bookmark,
  type Bookmark,
  type Checkpoint,
  clipGradNorm,
  crossEntropy,
  loadCheckpoint,
  type Model,
  saveCheckpoint,
  type Trainer,
  trainer,
  type TrainingStep,
  unlimited,
  visible,
  windows,
  yielding,
} from '../../src/index.js';
import type { Steering, Studio } from '../../src/studio.js';
import type { StudioCorpus } from './studioCorpus.js';
import { say } from '../cli/say.js';

/** What a run is made of. */
export interface StudioRunOptions {
  readonly model: Model;
  readonly corpus: StudioCorpus;
  readonly controls: Steering;
  readonly page: Pick<Studio, 'lane' | 'sample'>;
  readonly lanes: number;
  readonly window: number;
  readonly clip: number;
  /** The folder of checkpoints, made when the first is saved. */
  readonly folder: string;
  readonly settings: object;
}

/** How many checkpoints stay in the folder. */
const KEEP = 20;

/**
 * Learns without end, and starts again from a checkpoint when one is chosen:
 *
 * ```
 * reset$  ------------r------
 * steps   -s1-s2-s3-s4-s3-s4-     r: the checkpoint of step 2
 * ```
 */
export function studioRun(options: StudioRunOptions): Observable<TrainingStep> {
  const { model, corpus, controls, page, folder } = options;
  const optimizer = adam({ learningRate: controls.learningRate$ });
  let now: { readonly training: Trainer; readonly mark: Bookmark } | undefined;
  function learn(saved: Checkpoint | undefined): Observable<TrainingStep> {
    const training = trainer(model, { optimizer, resumeFrom: saved?.training });
    const mark = bookmark(saved?.place);
    saved?.model.dispose(); // its weights are in ours
    now = { training, mark };
    const { lanes, window } = options;
    const windows$ = corpus
      .tokens({ lanes, bookmark: mark, demand: controls.demand(yielding(unlimited)) })
      .pipe(page.lane('tokens'), windows({ steps: window, lanes, bookmark: mark }), page.lane('windows'));
    return windows$
      .pipe(training.unroll, page.lane('unroll'), crossEntropy(), page.lane('crossEntropy'), backpropagate(model))
      .pipe(page.lane('backpropagate'), clipGradNorm(options.clip), page.lane('clipGradNorm'), training.optimize)
      .pipe(page.lane('optimize'));
  }
  function save(): void {
    if (!now) return;
    try {
      mkdirSync(folder, { recursive: true });
      const snapshot = {
        training: now.training.state(),
        vocabulary: corpus.symbols,
        place: now.mark.place(),
        data: corpus.digest,
        config: { settings: options.settings },
      };
      controls.saved(basename(saveCheckpoint(folder, snapshot, { keep: KEEP })));
      page.sample();
    } catch (error) {
      sayError(error);
    }
  }
  function load(name: string): Observable<Checkpoint> {
    try {
      return of(loadCheckpoint(join(folder, name)));
    } catch (error) {
      controls.forget(name);
      sayError(error);
      return EMPTY; // the run goes on as it was
    }
  }
  return defer(() => {
    const saving = controls.checkpoint$.subscribe(save);
    return controls.reset$.pipe(
      mergeMap((name) => (name === undefined ? of(undefined) : load(name))),
      switchMap(learn),
      finalize(() => saving.unsubscribe()),
    );
  });
}

/** Whether a folder has checkpoints, of another run. */
export function hasCheckpoints(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name.startsWith('checkpoint-'));
  } catch {
    return false;
  }
}

function sayError(error: unknown): void {
  say(visible((error as Error).message));
}
