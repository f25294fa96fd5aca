import { defer, type OperatorFunction } from 'rxjs';
import { test } from 'uvu';
import { checkpoint, type CheckpointOptions } from '../../src/checkpoint/checkpoint.js';
import { sgd } from '../../src/learn/sgd.js';
import { trainer } from '../../src/learn/trainer.js';
import type { TrainingStep, Window } from '../../src/types.js';
import { smallModel } from '../learn/support.js';
import { operatorTable, row } from '../support/operatorTable.js';
import { temporaryFolder } from './runs.js';

const window = (token: number): Window => ({
  steps: 2,
  lanes: 1,
  inputs: Int32Array.of(token, 1),
  targets: Int32Array.of(1, token),
});
const step = (step: number): object => ({ step, tokens: 2 * step });

/** Saves after every second step; a run learns one stream and has one folder, so each subscription has its own. */
function saved(options: Partial<CheckpointOptions> = {}): OperatorFunction<Window, TrainingStep> {
  return (window$) =>
    defer(() => {
      const run = trainer(smallModel(), { optimizer: sgd({ learningRate: 0.1 }) });
      return window$.pipe(run.learn, checkpoint({ trainer: run, folder: temporaryFolder(), every: 2, ...options }));
    });
}

operatorTable({
  checkpoint: row({
    operator: () => saved(),
    empty: '#',
    streams: true,
    emptyError: new RangeError(
      'trainer: the windows ended before the first one, so nothing was learned; is the corpus empty, or too short? ' +
        'windows needs at least two tokens in each lane, seriesWindows a row and those of its horizon',
    ),
    values: { a: window(0), b: window(1), c: window(2) },
    results: { a: step(1), b: step(2), c: step(3) },
    look: ({ step, tokens }) => ({ step, tokens }),
    throws: {
      operator: () =>
        saved({
          onSaved() {
            throw new Error('the user failed');
          },
        }),
      diagrams: ['-a-b-c', '-a-#'],
      error: new Error('the user failed'),
    },
  }),
});

test.run();
