import { lastValueFrom, takeWhile } from 'rxjs';
import { generateText, type Model, type Random, seeded, softmax, type Token, unlimited } from '../../src/index.js';
import type { Job, Machinery } from './job.js';
import { characterModel } from './languageModel.js';
import type { Generation } from './workloads.js';

/** Generates text token by token: as an observable, and without. */
export function generation(workload: Generation, machinery: Machinery): Job {
  const model = characterModel(workload, machinery);
  const bare = tokenGenerator(model, seeded('bare'));
  return {
    model,
    units: 1,
    ways: [
      [
        'operators',
        async (each) => {
          const generated$ = generateText(model, { random: seeded('bench'), demand: unlimited });
          await lastValueFrom(generated$.pipe(takeWhile(() => each())), { defaultValue: 0 });
        },
      ],
      [
        'bare loop',
        async (each) => {
          while (each()) bare();
        },
      ],
    ],
  };
}

/** Makes a function that steps the model by the last token drawn, and draws the next. */
function tokenGenerator(model: Model, random: Random): () => Token {
  const tape = model.tape(1, 1);
  const token = new Int32Array(1);
  return () => {
    tape.forward(token, 1);
    return (token[0] = random.choice(softmax(tape.output)));
  };
}
