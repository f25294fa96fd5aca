import { delay, map, skip, take, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { trainingState, type TrainingState } from '../../src/learn/trainingState.js';
import { adam } from '../../src/learn/adam.js';
import { adagrad } from '../../src/learn/adagrad.js';
import type { Differentiated } from '../../src/learn/stages.js';
import { unroll } from '../../src/learn/unroll.js';
import { train } from '../../src/learn/train.js';
import { sequential } from '../../src/model/sequential.js';
import { linear } from '../../src/layer/linear.js';
import { numpyRandom } from '../../src/random/numpyRandom.js';
import { seeded } from '../../src/random/seeded.js';
import type { TrainingStep } from '../../src/types.js';
import { bits, CELLS, collected, OPTIMIZERS, smallModel, trainingWindows } from './support.js';

/** The state after a step of a run, taken when it was there. */
function stateAt(step: number, options: { optimizer?: ReturnType<typeof adam> } = {}): TrainingState {
  let state: TrainingState | undefined;
  const { optimizer = adam() } = options;
  trainingWindows()
    .pipe(train(smallModel(), { optimizer }), take(step))
    .subscribe((it) => {
      if (it.step === step) state = trainingState(it);
    });
  return state!;
}

for (const cell of CELLS) {
  for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
    for (const dtype of ['float32', 'float64'] as const) {
      test(`${cell}, ${name}, ${dtype}: resumed after any step, the rest has the same bits`, () => {
        const model = smallModel({ cell, dtype });
        const states: TrainingState[] = [];
        const whole = collected(
          trainingWindows().pipe(
            train(model, { optimizer: optimizer(), dropout: seeded(8) }),
            tap((step) => states.push(trainingState(step))),
          ),
        );
        assert.is(whole.values.length, 24);
        for (const cut of [1, 2, 9, 23]) {
          const other = smallModel({ cell, dtype });
          const run = train(other, { optimizer: optimizer(), dropout: seeded('any'), resumeFrom: states[cut - 1] });
          const rest = collected(trainingWindows().pipe(skip(cut), run));
          assert.equal(rest.values, whole.values.slice(cut), `after ${cut}`);
          assert.equal(bits(other), bits(model));
        }
      });
    }
  }
}

test('each subscription of a resumed run begins at the same place', () => {
  const run = train(smallModel(), { optimizer: adam(), resumeFrom: stateAt(4) });
  const [one, two] = [collected(trainingWindows().pipe(skip(4), run)), collected(trainingWindows().pipe(skip(4), run))];
  assert.is(one.values[0]!.step, 5);
  assert.equal(one, two);
});

test('a state is a copy: the run goes on and leaves it alone', () => {
  const states: TrainingState[] = [];
  const numbers = ({ weights, optimizer, hidden }: TrainingState): number[] =>
    [weights, optimizer.moments, hidden].flatMap((tensors) => [...tensors.values()].flatMap(({ data }) => [...data]));
  const early: number[][] = [];
  trainingWindows()
    .pipe(train(smallModel(), { optimizer: adam() }))
    .subscribe((step) => {
      states.push(trainingState(step));
      early.push(numbers(states.at(-1)!));
    });
  assert.equal(states.map(numbers), early);
});

test('taking the state at every step does not change the run', () => {
  const run = (look: boolean): unknown => {
    const model = smallModel();
    const { values } = collected(
      trainingWindows().pipe(
        train(model, { optimizer: adam(), dropout: seeded(1) }),
        tap((step) => void (look && trainingState(step))),
      ),
    );
    return [values, bits(model)];
  };
  assert.equal(run(true), run(false));
});

test('refused: a step that is a copy, an older one, and one of a run that has ended', () => {
  const steps: TrainingStep[] = [];
  const copies = collected(
    trainingWindows().pipe(
      train(smallModel(), { optimizer: adam() }),
      tap((step) => steps.push(step)),
      map((step) => trainingState({ ...step })),
    ),
  );
  assert.match(
    copies.error!.message,
    /^trainingState: step 1 is not the latest of a run that goes on, or it is a copy/,
  );
  steps.length = 0;
  trainingWindows()
    .pipe(train(smallModel(), { optimizer: adam() }), take(3))
    .subscribe((step) => {
      steps.push(step);
      if (step.step === 1) return;
      assert.throws(() => trainingState(steps[0]!), /^trainingState: step 1 is not the latest of a run that goes on/);
      assert.is(trainingState(step).step, step.step);
    });
  assert.is(steps.length, 3);
  assert.throws(() => trainingState(steps[2]!), /^trainingState: step 3 is not the latest of a run that goes on/);
});

test('refused: the step before, asked for when the next window has run forward', () => {
  let before: TrainingStep | undefined;
  const look = tap<Differentiated>(() => void (before && trainingState(before)));
  const { values, error } = collected(
    trainingWindows().pipe(
      train(smallModel(), { optimizer: adam(), clip: look }),
      tap((step) => (before = step)),
    ),
  );
  assert.is(values.length, 1);
  assert.match(error!.message, /^trainingState: step 1 is not the latest of a run that goes on/);
});

test('refused: a stage in between that lets time pass', async () => {
  const error = await new Promise<Error>((resolve) => {
    trainingWindows()
      .pipe(train(smallModel(), { optimizer: adam() }), delay(0), map(trainingState))
      .subscribe({ error: resolve });
  });
  assert.match(error.message, /between train and here every stage must be synchronous/);
});

test('refused: dropout that cannot go on', () => {
  const resumeFrom = stateAt(2);
  const none = collected(trainingWindows().pipe(unroll(smallModel(), { resumeFrom })));
  assert.is(none.error!.message, 'unroll: resumeFrom drew for dropout, this run has no generator for it');
  const other = train(smallModel(), { optimizer: adam(), dropout: numpyRandom(1), resumeFrom });
  assert.match(collected(trainingWindows().pipe(other)).error!.message, /must be of generator numpy, got "seeded"/);
});

test('refused: a state of another rule or another model, and the weights stay as they were', () => {
  const resumeFrom = stateAt(2);
  const model = smallModel();
  const before = bits(model);
  const wrongRule = collected(trainingWindows().pipe(train(model, { optimizer: adagrad(), resumeFrom })));
  assert.is(wrongRule.error!.message, 'adagrad: restore needs a state of adagrad, got one of adam');
  assert.equal(bits(model), before);
  const other = sequential({ linear: linear({ inputSize: 7, outputSize: 7 }) });
  const wrongModel = collected(trainingWindows().pipe(train(other, { optimizer: adam(), resumeFrom })));
  assert.match(wrongModel.error!.message, /^adam: restore misses the moments|^adam: restore knows no moments/);
});

test.run();
