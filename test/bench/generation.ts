import { lastValueFrom, type Observable, takeWhile } from 'rxjs';
import { type Model, pull, type Random, seeded, softmax, type Token } from '../../src/index.js';
import type { Job, Machinery } from './job.js';
import { characterModel } from './languageModel.js';
import type { Generation } from './workloads.js';

/** Making up text token by token: as an observable, and without. */
export function generation(workload: Generation, machinery: Machinery): Job {
  const model = characterModel(workload, machinery);
  const bare = drawing(model, seeded('bare'));
  return {
    model,
    units: 1,
    ways: [
      [
        'operators',
        async (each) => {
          await lastValueFrom(generated(model, seeded('bench')).pipe(takeWhile(() => each())), { defaultValue: 0 });
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

/** The one place to put `generateText(model, { random, demand: unlimited })` in. */
function generated(model: Model, random: Random): Observable<Token> {
  return pull(() => {
    const draw = drawing(model, random);
    const next = { done: false as const, value: 0 };
    return {
      next() {
        next.value = draw();
        return next;
      },
    };
  });
}

/** Each call steps the model by the token that the last one drew, and draws. */
function drawing(model: Model, random: Random): () => Token {
  const tape = model.tape(1, 1);
  const token = new Int32Array(1);
  return () => {
    tape.forward(token, 1);
    return (token[0] = random.choice(softmax(tape.output)));
  };
}
