// A run over a corpus in memory that prints each step, for checkpointOnInterrupt.test.ts: `--folder DIR --resume
// --steps N`; with `--stall` no window comes after the fifth.
import { NEVER, concat, take, repeat } from 'rxjs';
import {
  adam,
  bookmark,
  yielding,
  lanes,
  latestCheckpoint,
  linear,
  pull,
  rnn,
  seeded,
  sequential,
  trainer,
  unlimited,
  windows,
} from '../../src/index.js';
import { command } from '../../pipelines/cli/command.js';
import { checkpointOnInterrupt } from '../../pipelines/charlm/checkpointOnInterrupt.js';

const corpus = Array.from({ length: 400 }, (_, i) => (i * i + (i >> 3)) % 7);

await command(import.meta.url, {
  about: 'A run that can be stopped.',
  options: {
    folder: { kind: 'text', help: 'folder of checkpoints', initial: 'run' },
    steps: { kind: 'count', help: 'steps in all', initial: 1_000_000 },
    resume: { kind: 'flag', help: 'continue the newest checkpoint' },
    stall: { kind: 'flag', help: 'no window after the fifth' },
  },
  run({ folder, steps, resume, stall }) {
    const saved = resume ? latestCheckpoint(folder) : undefined;
    const layers = { rnn: rnn({ inputSize: 7, hiddenSize: 4 }), linear: linear({ inputSize: 4, outputSize: 7 }) };
    const model = saved?.model ?? sequential(layers, { random: seeded(1) });
    const mark = bookmark(saved?.place);
    const windows$ = pull(lanes(corpus, 2, { bookmark: mark }), yielding(unlimited, 1)).pipe(
      repeat(),
      windows({ steps: 5, lanes: 2, bookmark: mark }),
    );
    const learner = trainer(model, { optimizer: adam(), resumeFrom: saved?.training });
    return new Promise((resolve, reject) => {
      (stall ? concat(windows$.pipe(take(5)), NEVER) : windows$)
        .pipe(
          learner.learn,
          take(steps - (saved?.training.step ?? 0)),
          checkpointOnInterrupt({ trainer: learner, folder, every: 1000, bookmark: mark, resumeFrom: saved }),
        )
        .subscribe({
          next: ({ step, loss }) => console.log(JSON.stringify([step, loss])),
          error: reject,
          complete: resolve,
        });
      if (stall) setInterval(() => undefined, 1000); // keeps the process alive, as a socket would
    });
  },
});
