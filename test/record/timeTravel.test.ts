import * as fc from 'fast-check';
import {
  identity,
  lastValueFrom,
  map,
  type MonoTypeOperatorFunction,
  type OperatorFunction,
  pipe,
  range,
  take,
  tap,
  toArray,
} from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adagrad,
  adamw,
  backpropagate,
  clipGradNorm,
  crossEntropy,
  type Differentiated,
  gradients,
  hiddenState,
  type Model,
  type Optimizer,
  outputs,
  seeded,
  sgd,
  stateDict,
  type Tensor,
  type Trainer,
  trainer,
  type TrainingState,
  type TrainingStep,
  type Window,
} from '../../src/index.js';
import {
  cutLog,
  openLog,
  parse,
  print,
  type Recorder,
  type Recording,
  recorder,
  snapshots,
  timeTravel,
  trackOf,
  valueText,
} from '../../src/recording.js';
import { CELLS, OPTIMIZERS, smallModel, trainingWindows } from '../learn/support.js';
import { operatorTable, row } from '../support/operatorTable.js';
import { written } from './logs.js';

/** How a run is made, the first time and again. */
interface Setting {
  readonly cell: (typeof CELLS)[number];
  readonly dtype: 'float32' | 'float64';
  readonly optimizer: () => Optimizer;
}

const RULES: Readonly<Record<string, () => Optimizer>> = {
  ...OPTIMIZERS,
  sgd: () => sgd({ learningRate: 0.5 }),
  adagrad: () => adagrad({ learningRate: 0.1, learningRateDecay: 0.1 }),
  adamw: () => adamw({ learningRate: 0.02 }),
};
const [STEPS, EVERY] = [24, 7];

/** Compared to the last bit: uvu's `equal` takes -0 for 0. */
const bits = (insides: readonly object[]): string => valueText(insides);

test('parameters, state, logits, gradients and moments of every step are those of the run, at most n windows on', () => {
  for (const [name, optimizer] of Object.entries(RULES)) {
    const { recording, insides } = recorded({ cell: 'lstm', dtype: 'float32', optimizer }, EVERY);
    assert.is(trackOf(recording, 'snapshots').marbles.length, Math.floor(STEPS / EVERY));
    for (let step = 1; step <= STEPS; step++) {
      const { seen, windows } = at(recording, step, { cell: 'lstm', dtype: 'float32', optimizer });
      assert.is(bits(seen), bits([insides[step - 1]!]), `${name}, step ${step}`);
      assert.is(windows, ((step - 1) % EVERY) + 1, `${name}, step ${step}`);
    }
  }
});

test('whatever the cell, the numbers, the rule and the step; also where there is no snapshot', () => {
  const setting = fc.record({
    cell: fc.constantFrom(...CELLS),
    dtype: fc.constantFrom('float32' as const, 'float64' as const),
    optimizer: fc.constantFrom(...Object.values(RULES)),
  });
  fc.assert(
    fc.property(
      setting,
      fc.integer({ min: 1, max: STEPS + 6 }),
      fc.integer({ min: 1, max: STEPS }),
      (setting, every, step) => {
        const { recording, insides } = recorded(setting, every);
        const { seen, windows } = at(recording, step, setting);
        assert.is(bits(seen), bits([insides[step - 1]!]));
        assert.ok(windows <= every, `${windows} windows`);
      },
    ),
    { numRuns: 25 },
  );
});

test('of a run log, the steps from one snapshot on are enough', async () => {
  const setting = { cell: 'gru', dtype: 'float64', optimizer: RULES['adam']! } as const;
  const run = recorder({ clock: 'windows', keep: false });
  const entries = lastValueFrom(run.entries$.pipe(toArray()));
  const insides = running(run, setting, EVERY);
  run.end();
  const log = openLog(written(await entries, { block: 5 }));
  for (const step of [1, EVERY, EVERY + 1, 19, STEPS]) {
    const stretch = cutLog(log, { from: step - EVERY, to: step });
    assert.is(bits(at(stretch, step, setting).seen), bits([insides[step - 1]!]), `step ${step}`);
  }
});

const whole = { cell: 'rnn', dtype: 'float64', optimizer: RULES['adamw']! } as const;
const { recording, insides } = recorded(whole, EVERY);

test('a snapshot that leaves something out comes out in other numbers', () => {
  const forgetful = (kept: TrainingState): TrainingState => ({
    ...kept,
    optimizer: {
      ...kept.optimizer,
      moments: new Map([...kept.optimizer.moments].map(([name, moment]) => [name, zeros(moment)])),
    },
  });
  assert.is(bits(at(recording, EVERY + 1, whole).seen), bits([insides[EVERY]!]));
  assert.is.not(bits(at(recording, EVERY + 1, whole, forgetful).seen), bits([insides[EVERY]!]));
});

for (const step of [0, STEPS + 1, 1.5, NaN]) {
  test(`there is no step ${step}`, () => {
    assert.throws(
      () => at(recording, step, whole),
      (error: unknown) =>
        error instanceof RangeError &&
        error.message === `timeTravel: step must be one of "windows", 1 to ${STEPS}, got ${step}`,
    );
  });
}

for (const [what, from, snapshots, expected] of [
  ['begins behind the snapshot', 9, 'snapshots', 'the start of the run to step 11, got 3 of 11'],
  ['begins behind the start', 2, 'none', 'the start of the run to step 11, got 10 of 11'],
] as const) {
  test(`a stretch that ${what} is refused: it would come out in other numbers`, () => {
    const cut = cutAt(recording, from);
    assert.throws(
      () => timeTravel(cut, 11, { inputs: 'windows', snapshots, restore: () => identity }),
      (error: unknown) =>
        error instanceof RangeError &&
        error.message === `timeTravel: "windows" must have a value for each step from ${expected}`,
    );
  });
}

const letters = { a: 'a', b: 'b', c: 'c' };
operatorTable({
  snapshots: row({
    operator: () => snapshots<string, string>(recorder(), { every: 2, take: (letter) => letter }),
    values: letters,
    results: letters,
    throws: {
      operator: () =>
        snapshots<string, string>(recorder(), {
          every: 2,
          take() {
            throw new Error('the user failed');
          },
        }),
      diagrams: ['-a-b-c', '-a-#'],
      error: new Error('the user failed'),
    },
  }),
});

test('snapshots are taken after every so many values', () => {
  const run = recorder({ clock: 'numbers' });
  range(1, 7)
    .pipe(run.record('numbers'), snapshots(run, { every: 3, take: (n) => n * n }))
    .subscribe();
  assert.equal(
    run.recording().tracks[1]!.marbles,
    [3, 6].map((step) => ({ step, kind: 'N', value: step * step })),
  );
  assert.throws(
    () => snapshots(run, { every: 0, take: () => 0 }),
    /snapshots: every must be a positive integer, got 0/,
  );
});

test.run();

/** A run that is recorded with its snapshots and read back from its text; what it looked like inside at each step. */
function recorded(setting: Setting, every: number): { recording: Recording; insides: object[] } {
  const run = recorder({ clock: 'windows' });
  const insides = running(run, setting, every);
  return { recording: parse(print(run.recording())), insides };
}

function running(run: Recorder, setting: Setting, every: number): object[] {
  const insides: object[] = [];
  trainingWindows()
    .pipe(
      run.record('windows'),
      take(STEPS),
      stages(setting, undefined, ({ state }) => snapshots(run, { every, take: state })),
    )
    .subscribe((inside) => insides.push(inside));
  return insides;
}

/** What is seen at one step, gone back to, and how many windows were run for it. */
function at(
  recording: Recording,
  step: number,
  setting: Setting,
  kept: (state: TrainingState) => TrainingState = identity,
): { seen: object[]; windows: number } {
  const seen: object[] = [];
  let windows = 0;
  timeTravel<Window, TrainingState, object>(recording, step, {
    inputs: 'windows',
    snapshots: 'snapshots',
    restore: (state) =>
      pipe(
        tap<Window>(() => (windows += 1)),
        stages(setting, state && kept(state)),
      ),
  }).subscribe((inside) => seen.push(inside));
  return { seen, windows };
}

/** The stages of a run with dropout; what each step looks like inside is emitted, taken before its update. */
function stages(
  { cell, dtype, optimizer }: Setting,
  resumeFrom?: TrainingState,
  kept: (run: Trainer) => MonoTypeOperatorFunction<TrainingStep> = () => identity,
): OperatorFunction<Window, object> {
  const model = smallModel({ cell, dtype });
  const rule = optimizer();
  const run = trainer(model, { optimizer: rule, dropoutRandom: seeded('dropout'), resumeFrom });
  let looked: object;
  return pipe(
    run.unroll,
    crossEntropy(),
    backpropagate(model),
    tap((handle) => (looked = inside(handle, model, rule))),
    clipGradNorm(1),
    run.optimize,
    kept(run),
    map((step) => ({ ...looked, ...step })),
  );
}

/** All that can be seen of a step, as copies. */
function inside(handle: Differentiated, model: Model, rule: Optimizer): object {
  return {
    outputs: outputs(handle),
    state: hiddenState(handle),
    gradients: gradients(handle),
    parameters: stateDict(model),
    optimizer: rule.state(),
  };
}

function zeros({ shape, data }: Tensor): Tensor {
  return { shape, data: data.slice().fill(0) };
}

/** A recording without what was before a step. */
function cutAt({ about, tracks }: Recording, from: number): Recording {
  const behind = ({ step }: { step: number }): boolean => step >= from;
  return { about, tracks: tracks.map(({ title, marbles }) => ({ title, marbles: marbles.filter(behind) })) };
}
